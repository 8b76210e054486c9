package io.tidemark.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tidemark.nbd.transport.ListeningSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketActivationTest {

    private static final long PID = 4711;

    @Test
    void theOnlySocketIsForNbd() {
        assertThat(nbd("LISTEN_PID=4711", "LISTEN_FDS=1")).contains(new ListeningSocket.Inherited(3));
    }

    @Test
    void ofSeveralTheNamedOneIs() {
        assertThat(nbd("LISTEN_PID=4711", "LISTEN_FDS=3", "LISTEN_FDNAMES=stored:nbd:"))
                .contains(new ListeningSocket.Inherited(4));
    }

    @Test
    void whatIsForAnotherProcessIsNotOurs() {
        assertThat(nbd("LISTEN_PID=4710", "LISTEN_FDS=1", "LISTEN_FDNAMES=nbd")).isEmpty();
        assertThat(nbd("LISTEN_PID=4710", "LISTEN_FDS=none")).isEmpty();
    }

    @Test
    void withoutBothVariablesNothingWasHandedOver() {
        assertThat(nbd()).isEmpty();
        assertThat(nbd("LISTEN_FDS=1")).isEmpty();
        assertThat(nbd("LISTEN_PID=4711")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "LISTEN_PID=init LISTEN_FDS=1,           LISTEN_PID is 'init'",
        "LISTEN_PID= LISTEN_FDS=1,               LISTEN_PID is ''",
        "LISTEN_PID=0 LISTEN_FDS=1,              LISTEN_PID is '0'",
        "LISTEN_PID=4711 LISTEN_FDS=one,         LISTEN_FDS is 'one'",
        "LISTEN_PID=4711 LISTEN_FDS=0,           LISTEN_FDS is '0'",
        "LISTEN_PID=4711 LISTEN_FDS=-1,          LISTEN_FDS is '-1'",
        "LISTEN_PID=4711 LISTEN_FDS=99999999999, LISTEN_FDS is '99999999999'",
        "LISTEN_PID=4711 LISTEN_FDS=2,           none has a name",
        "LISTEN_PID=4711 LISTEN_FDS=2 LISTEN_FDNAMES=nbd,     LISTEN_FDNAMES",
        "LISTEN_PID=4711 LISTEN_FDS=1 LISTEN_FDNAMES=rest,    FileDescriptorName=nbd",
        "LISTEN_PID=4711 LISTEN_FDS=2 LISTEN_FDNAMES=nbd:nbd, and no more",
    })
    void whatMakesNoSenseIsRefused(String environment, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> nbd(environment.split(" ")))
                .withMessageContaining(why);
    }

    private static Optional<ListeningSocket.Inherited> nbd(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables) {
            int end = variable.indexOf('=');
            environment.put(variable.substring(0, end), variable.substring(end + 1));
        }
        return SocketActivation.nbd(environment, PID);
    }
}
