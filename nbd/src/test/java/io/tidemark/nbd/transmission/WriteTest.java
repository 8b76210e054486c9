package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.manual.Asked;
import io.tidemark.nbd.manual.ManualExport;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.ClientBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Writes on their way from the client to the session. */
class WriteTest {
    private static final int MIB = 1 << 20;

    private final ManualExport export = ManualExport.anywhere(RamExport.info("disk", MIB));
    private final PayloadBudget budget = new PayloadBudget(MIB);
    private final Conversation client = new Conversation(export, HeaderStyle.SIMPLE, Small.LIMITS, budget);

    @AfterEach
    void everythingComesBack() {
        client.close();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void aSmallWriteIsOnePiece() throws InterruptedException {
        // When
        client.send(write(1, 0, 4096, 3), (byte) 7, (byte) 8, (byte) 9);

        // Then
        Asked.Write asked = export.next(Asked.Write.class);
        assertThat(asked.piece()).isEqualTo(new WritePiece(new Offset(4096), true, Durability.ORDERED));
        assertThat(asked.bytes()).containsExactly(7, 8, 9);
        assertThat(client.received()).isEmpty();
        done(asked);
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, 0));
    }

    @Test
    void answersComeInTheOrderOfCompletion() throws InterruptedException {
        // Given
        client.send(write(1, 0, 0, 1), (byte) 1);
        client.send(write(2, 0, 1, 1), (byte) 2);
        Asked.Write first = export.next(Asked.Write.class);
        Asked.Write second = export.next(Asked.Write.class);

        // When
        done(second);
        done(first);

        // Then
        assertThat(client.answers()).containsExactly(new Answer.Simple(2, 0), new Answer.Simple(1, 0));
    }

    @Test
    void thePayloadMayBeKeptAfterTheAnswer() throws InterruptedException {
        // Given
        client.send(write(1, 0, 0, 2), (byte) 1, (byte) 2);
        Asked.Write asked = export.next(Asked.Write.class);

        // When
        asked.completion().complete(Outcome.DONE);
        client.send(write(2, 0, 0, 2), (byte) 3, (byte) 4);

        // Then
        assertThat(asked.bytes()).containsExactly(1, 2);
        assertThat(budget.freeBytes()).isLessThan(budget.totalBytes() - 2L * Small.FLOOR_BYTES);
        asked.payload().release();
        done(export.next(Asked.Write.class));
    }

    @Test
    void aLargeWriteComesInPiecesAsItArrives() throws InterruptedException {
        // Given
        byte[] payload = random(2500);
        Request request = write(1, Constants.CMD_FLAG_FUA, 100, payload.length);

        // When the first piece has arrived
        client.sendBytes(
                ClientBytes.concat(ClientBytes.request(HeaderStyle.SIMPLE, request), Arrays.copyOf(payload, 1100)));

        // Then it is handed over, and only the last of them has to be durable
        Asked.Write first = export.next(Asked.Write.class);
        assertThat(first.piece()).isEqualTo(new WritePiece(new Offset(100), false, Durability.ORDERED));
        assertThat(export.waiting()).isZero();
        client.sendBytes(Arrays.copyOfRange(payload, 1100, 2500));
        Asked.Write second = export.next(Asked.Write.class);
        Asked.Write third = export.next(Asked.Write.class);
        assertThat(second.piece()).isEqualTo(new WritePiece(new Offset(1124), false, Durability.ORDERED));
        assertThat(third.piece()).isEqualTo(new WritePiece(new Offset(2148), true, Durability.DURABLE));
        assertThat(ClientBytes.concat(first.bytes(), second.bytes(), third.bytes()))
                .isEqualTo(payload);

        // And the answer follows the last completion
        done(third);
        done(first);
        assertThat(client.received()).isEmpty();
        done(second);
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, 0));
    }

    @Test
    void aFailedPieceFailsTheWrite() throws InterruptedException {
        // Given
        Request request = write(1, 0, 0, 3000);
        client.sendBytes(ClientBytes.concat(ClientBytes.request(HeaderStyle.SIMPLE, request), new byte[1500]));
        Asked.Write first = export.next(Asked.Write.class);

        // When
        first.payload().release();
        first.completion().complete(new Outcome.Failed(NbdError.NO_SPACE));

        // Then the rest is dropped, and the connection goes on
        assertThat(client.received()).isEmpty();
        client.sendBytes(new byte[1500]);
        assertThat(export.waiting()).isZero();
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, NbdError.NO_SPACE.number()));
        client.send(write(2, 0, 0, 1), (byte) 1);
        done(export.next(Asked.Write.class));
        assertThat(client.answers()).containsExactly(new Answer.Simple(2, 0));
    }

    @Test
    void theFirstErrorIsTold() throws InterruptedException {
        // Given
        client.send(write(1, 0, 0, 2048), random(2048));
        Asked.Write first = export.next(Asked.Write.class);
        Asked.Write second = export.next(Asked.Write.class);
        first.payload().release();
        second.payload().release();

        // When
        second.completion().complete(new Outcome.Failed(NbdError.NO_SPACE));
        first.completion().complete(new Outcome.Failed(NbdError.IO));

        // Then
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, NbdError.NO_SPACE.number()));
    }

    @Test
    void aRefusedPayloadIsDropped() {
        // When
        client.send(write(1, 0, MIB - 1, 5000), random(5000));
        client.send(write(2, 0, 0, 0));
        client.send(new Request(99, 0, 3, 0, 0, 0));

        // Then
        assertThat(client.answers())
                .containsExactly(
                        new Answer.Simple(1, NbdError.NO_SPACE.number()),
                        new Answer.Simple(2, NbdError.INVALID.number()),
                        new Answer.Simple(3, NbdError.INVALID.number()));
        assertThat(export.waiting()).isZero();
    }

    @Test
    void aPayloadAboveTheLimitOfWritesIsDropped() {
        // Given
        int length = (32 << 20) + 4096;
        client.send(write(1, 0, 0, length));

        // When
        byte[] part = new byte[1 << 16];
        for (int left = length; left > 0; left -= part.length) {
            client.sendBytes(Arrays.copyOf(part, Math.min(left, part.length)));
        }

        // Then
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, NbdError.INVALID.number()));
        assertThat(client.channel().isOpen()).isTrue();
    }

    @Test
    void aPayloadAboveTheLimitOfDroppingEndsTheConnection() throws InterruptedException {
        // When
        client.send(write(1, 0, 0, Small.DRAIN_BYTES_MAX + 1));

        // Then
        assertThat(client.channel().isOpen()).isFalse();
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.VIOLATION);
    }

    @Test
    void withoutMemoryAWriteGetsOnInSmallSteps() throws InterruptedException {
        // Given nothing is left but the floors, since no piece fits into what is shared
        PayloadBudget small = new PayloadBudget(4 * Small.FLOOR_BYTES);
        byte[] payload = random(3000);
        try (Conversation poor = new Conversation(export, HeaderStyle.SIMPLE, Small.LIMITS, small)) {
            byte[] all = ClientBytes.concat(
                    ClientBytes.request(HeaderStyle.SIMPLE, write(1, 0, 0, payload.length)), payload);

            // When
            List<byte[]> pieces = new ArrayList<>();
            int sent = 0;
            while (sent < all.length || export.waiting() > 0) {
                sent += poor.sendBytesDirectly(all, sent, all.length);
                Asked.Write asked = export.next(Asked.Write.class);
                pieces.add(asked.bytes());
                done(asked);
                poor.settle();
            }

            // Then
            assertThat(ClientBytes.concat(pieces.toArray(byte[][]::new))).isEqualTo(payload);
            assertThat(pieces).hasSizeGreaterThanOrEqualTo(3000 / Small.FLOOR_BYTES);
            assertThat(poor.answers()).containsExactly(new Answer.Simple(1, 0));
        }
        assertThat(small.freeBytes()).isEqualTo(small.totalBytes());
    }

    @Test
    void anExportThatKeepsPayloadsSlowsTheClientDown() throws InterruptedException {
        // Given
        List<Asked.Write> kept = new ArrayList<>();
        byte[] request =
                ClientBytes.concat(ClientBytes.request(HeaderStyle.SIMPLE, write(1, 0, 0, 1000)), random(1000));

        // When it answers, but releases nothing
        while (client.reads()) {
            client.sendBytesDirectly(request, 0, request.length);
            while (export.waiting() > 0) {
                Asked.Write asked = export.next(Asked.Write.class);
                asked.completion().complete(Outcome.DONE);
                kept.add(asked);
            }
        }

        // Then it has got what one connection may hold, and no more
        int held = kept.stream().mapToInt(asked -> asked.bytes().length).sum();
        assertThat(held).isBetween(Small.HELD_BYTES_MAX / 2, Small.HELD_BYTES_MAX + Small.FLOOR_BYTES);

        // And one release is enough to go on
        kept.removeFirst().payload().release();
        client.settle();
        assertThat(client.reads()).isTrue();
        kept.forEach(asked -> asked.payload().release());
    }

    @Test
    void aFaultOfTheExportIsAnIoError() {
        // Given
        ManualExport faulty = ManualExport.anywhere(RamExport.info("faulty", MIB));
        try (Conversation conversation =
                new Conversation(new ThrowingExport(faulty), HeaderStyle.SIMPLE, Small.LIMITS, budget)) {

            // When
            conversation.send(write(1, 0, 0, 1), (byte) 1);
            conversation.send(new Request(Constants.CMD_READ, 0, 2, 0, 1, 0));
            conversation.send(new Request(Constants.CMD_FLUSH, 0, 3, 0, 0, 0));

            // Then
            assertThat(conversation.answers())
                    .containsExactly(
                            new Answer.Simple(1, NbdError.IO.number()),
                            new Answer.Simple(2, NbdError.IO.number()),
                            new Answer.Simple(3, NbdError.IO.number()));
        }
    }

    private static void done(Asked.Write asked) {
        asked.payload().release();
        asked.completion().complete(Outcome.DONE);
    }

    private static Request write(long cookie, int flags, long offset, int length) {
        return new Request(Constants.CMD_WRITE, flags, cookie, offset, length, length);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
