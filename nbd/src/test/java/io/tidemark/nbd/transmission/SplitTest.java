package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.ClientBytes;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However the network cuts what a client sends, it means the same; and it may end anywhere. */
class SplitTest {
    private static final int SIZE = 8192;
    private static final int LARGE = 400;

    private final PayloadBudget budget = new PayloadBudget(1 << 20);

    @ParameterizedTest
    @EnumSource
    void anySplitMeansTheSame(HeaderStyle style) {
        byte[] script = script(style);
        byte[] expected = answersTo(style, script, script.length);
        for (int cut = 0; cut <= script.length; cut++) {
            assertThat(answersTo(style, script, cut)).as("cut at %s", cut).isEqualTo(expected);
            assertThat(answersToDirect(style, script, cut))
                    .as("read directly, cut at %s", cut)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void singleBytesMeanTheSame(HeaderStyle style) {
        // Given
        byte[] script = script(style);
        byte[] expected = answersTo(style, script, script.length);
        try (Conversation client = conversation(style)) {

            // When
            for (byte single : script) {
                client.sendBytes(single);
            }

            // Then
            assertThat(client.received()).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void itMayEndAnywhere(HeaderStyle style) {
        byte[] script = script(style);
        for (int length = 0; length <= script.length; length++) {
            // Given
            Conversation client = conversation(style);
            client.sendBytesDirectly(script, 0, length);

            // When
            client.close();

            // Then
            assertThat(budget.freeBytes()).as("cut off after %s", length).isEqualTo(budget.totalBytes());
        }
    }

    private byte[] answersTo(HeaderStyle style, byte[] script, int cut) {
        try (Conversation client = conversation(style)) {
            client.sendBytes(Arrays.copyOf(script, cut));
            client.sendBytes(Arrays.copyOfRange(script, cut, script.length));
            return client.received();
        }
    }

    private byte[] answersToDirect(HeaderStyle style, byte[] script, int cut) {
        try (Conversation client = conversation(style)) {
            client.sendBytesDirectly(script, 0, cut);
            client.sendBytesDirectly(script, cut, script.length);
            return client.received();
        }
    }

    private Conversation conversation(HeaderStyle style) {
        return new Conversation(RamExport.anywhere(RamExport.info("disk", SIZE)), style, Small.LIMITS, budget);
    }

    /** A small write, a large one, one that is refused, a flush, reads of it all, and goodbye. */
    private static byte[] script(HeaderStyle style) {
        byte[] payload = new byte[LARGE];
        new Random(1).nextBytes(payload);
        return ClientBytes.concat(
                write(style, 1, 100, new byte[] {1, 2, 3}),
                write(style, 2, 1000, payload),
                write(style, 3, SIZE, new byte[] {4, 5, 6}),
                ClientBytes.request(style, new Request(Constants.CMD_FLUSH, 0, 4, 0, 0, 0)),
                ClientBytes.request(style, new Request(Constants.CMD_READ, 0, 5, 99, 5, 0)),
                ClientBytes.request(style, new Request(Constants.CMD_READ, 0, 6, 990, LARGE + 20, 0)),
                ClientBytes.request(style, new Request(Constants.CMD_DISC, 0, 7, 0, 0, 0)));
    }

    private static byte[] write(HeaderStyle style, long cookie, long offset, byte[] payload) {
        int flags = style == HeaderStyle.EXTENDED ? Constants.CMD_FLAG_PAYLOAD_LEN : 0;
        Request request = new Request(Constants.CMD_WRITE, flags, cookie, offset, payload.length, payload.length);
        return ClientBytes.concat(ClientBytes.request(style, request), payload);
    }
}
