package io.tidemark.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SessionsTest {

    private long now;
    private final Sessions sessions = new Sessions(new Random(1), () -> now);

    @Test
    void aSessionLastsWhileSomebodyDoesSomething() {
        String number = sessions.open("a token");

        now += Sessions.IDLE_MAX.toNanos() - 1;
        assertThat(sessions.token(number)).contains("a token");
        now += Sessions.IDLE_MAX.toNanos() - 1;
        assertThat(sessions.token(number)).contains("a token");

        now += Sessions.IDLE_MAX.toNanos();
        assertThat(sessions.token(number)).isEmpty();
    }

    @Test
    void whoSignsOutIsNobody() {
        String number = sessions.open("a token");

        sessions.close(number);

        assertThat(sessions.token(number)).isEmpty();
    }

    @Test
    void atTheLimitTheOneUnusedForLongestGoes() {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < Sessions.SESSIONS_MAX; i++) {
            numbers.add(sessions.open("token " + i));
        }
        assertThat(sessions.token(numbers.getFirst())).isPresent();

        sessions.open("one more");

        assertThat(sessions.token(numbers.get(1))).isEmpty();
        assertThat(sessions.token(numbers.getFirst())).isPresent();
        assertThat(sessions.token(numbers.get(2))).isPresent();
    }

    @Test
    void aProofIsGoodForItsBrowserAndThisLifeOnly() {
        String number = sessions.number();
        String proof = sessions.proof(number);

        assertThat(sessions.isProof(number, proof)).isTrue();
        assertThat(sessions.isProof(sessions.number(), proof)).isFalse();
        assertThat(sessions.isProof(number, "")).isFalse();
        assertThat(new Sessions(new Random(2), () -> now).isProof(number, proof))
                .isFalse();
    }
}
