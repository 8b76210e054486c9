package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.Ending;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.manual.Asked;
import io.tidemark.nbd.manual.ManualExport;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.Answer.Chunk;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.Hex;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reads on their way from the session to the client. */
class ReadTest {
    private static final int MIB = 1 << 20;

    private final ManualExport export = ManualExport.anywhere(RamExport.info("disk", MIB));
    private final PayloadBudget budget = new PayloadBudget(MIB);
    private final Conversation simple = new Conversation(export, HeaderStyle.SIMPLE, Small.LIMITS, budget);
    private final Conversation structured = new Conversation(export, HeaderStyle.STRUCTURED, Small.LIMITS, budget);

    @AfterEach
    void everythingComesBack() {
        simple.close();
        structured.close();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void aSimpleReplyCarriesTheData() throws InterruptedException {
        // Given
        simple.send(read(1, 0, 512, 3));
        Asked.Read asked = export.next(Asked.Read.class);
        assertThat(asked.offset()).isEqualTo(new Offset(512));
        assertThat(asked.into().remaining()).isEqualTo(3);

        // When
        done(asked, 7);

        // Then
        assertThat(simple.received()).isEqualTo(Hex.bytes("67446698", "00000000", "0000000000000001", "070707"));
    }

    @Test
    void aSimpleReplyMayBeAnError() throws InterruptedException {
        // Given
        simple.send(read(1, 0, 512, 3));

        // When
        failed(export.next(Asked.Read.class));

        // Then
        assertThat(simple.answers()).containsExactly(new Answer.Simple(1, NbdError.IO.number()));
    }

    @Test
    void simpleRepliesComeInTheOrderOfCompletion() throws InterruptedException {
        // Given
        simple.send(read(1, 0, 0, 1));
        simple.send(read(2, 0, 1, 1));
        Asked.Read first = export.next(Asked.Read.class);
        Asked.Read second = export.next(Asked.Read.class);

        // When
        done(second, 2);
        done(first, 1);

        // Then
        assertThat(simple.received())
                .isEqualTo(Hex.bytes("67446698 00000000 0000000000000002 02", "67446698 00000000 0000000000000001 01"));
    }

    @Test
    void aLargeSimpleReplyIsStreamedInOrder() throws InterruptedException {
        // Given
        simple.send(read(1, 0, 0, 2500));
        Asked.Read first = export.next(Asked.Read.class);
        assertThat(first.into().remaining()).isEqualTo(Small.PIECE_BYTES_MAX);
        assertThat(export.waiting()).as("the next piece may not overtake it").isZero();

        // When
        done(first, 1);
        done(export.next(Asked.Read.class), 2);
        done(export.next(Asked.Read.class), 3);

        // Then
        byte[] received = simple.received();
        assertThat(received)
                .startsWith(Hex.bytes("67446698", "00000000", "0000000000000001"))
                .hasSize(16 + 2500);
        assertThat(received[16]).isEqualTo((byte) 1);
        assertThat(received[16 + 1024]).isEqualTo((byte) 2);
        assertThat(received[16 + 2499]).isEqualTo((byte) 3);
    }

    @Test
    void nothingComesBetweenThePiecesOfAStream() throws InterruptedException {
        // Given a read that has to be streamed, behind a flush and before another
        simple.send(new Request(Constants.CMD_FLUSH, 0, 1, 0, 0, 0));
        simple.send(read(2, 0, 0, 2000));
        simple.send(new Request(Constants.CMD_FLUSH, 0, 3, 0, 0, 0));
        Asked.Flush before = export.next(Asked.Flush.class);
        assertThat(export.waiting()).isZero();

        // When
        before.completion().complete(Outcome.DONE);
        done(export.next(Asked.Read.class), 1);
        done(export.next(Asked.Read.class), 2);
        export.next(Asked.Flush.class).completion().complete(Outcome.DONE);

        // Then
        byte[] received = simple.received();
        assertThat(received).hasSize(16 + 16 + 2000 + 16).startsWith(Hex.bytes("67446698 00000000 0000000000000001"));
        assertThat(received).endsWith(Hex.bytes("67446698 00000000 0000000000000003"));
    }

    @Test
    void aSimpleReplyThatFailsHalfWayEndsTheConnection() throws InterruptedException {
        // Given
        simple.send(read(1, 0, 0, 2500));
        done(export.next(Asked.Read.class), 1);

        // When
        failed(export.next(Asked.Read.class));

        // Then
        simple.settle();
        assertThat(simple.channel().isOpen()).isFalse();
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.CLOSED_BY_SERVER);
    }

    @Test
    void aStructuredReplyIsOneChunkIfItCanBe() throws InterruptedException {
        // Given
        structured.send(read(1, 0, 512, 3));

        // When
        done(export.next(Asked.Read.class), 7);

        // Then
        Chunk chunk = (Chunk) structured.answers().getFirst();
        assertThat(chunk.type()).isEqualTo(Chunk.OFFSET_DATA);
        assertThat(chunk.done()).isTrue();
        assertThat(chunk.offset()).isEqualTo(512);
        assertThat(chunk.data()).containsExactly(7, 7, 7);
    }

    @Test
    void chunksOfALargeReplyComeInTheOrderOfCompletion() throws InterruptedException {
        // Given
        structured.send(read(1, 0, 0, 2500));
        Asked.Read first = export.next(Asked.Read.class);
        Asked.Read second = export.next(Asked.Read.class);
        Asked.Read third = export.next(Asked.Read.class);

        // When
        done(third, 3);
        done(first, 1);
        done(second, 2);

        // Then
        List<Answer> answers = structured.answers();
        assertThat(answers).extracting(answer -> ((Chunk) answer).offset()).containsExactly(2048L, 0L, 1024L);
        assertThat(answers).extracting(answer -> ((Chunk) answer).done()).containsExactly(false, false, true);
        assertThat(((Chunk) answers.getFirst()).data()).hasSize(452).containsOnly(3);
    }

    @Test
    void anErrorInsideALargeReplySaysWhere() throws InterruptedException {
        // Given
        structured.send(read(1, 0, 0, 2500));
        Asked.Read first = export.next(Asked.Read.class);
        Asked.Read second = export.next(Asked.Read.class);
        Asked.Read third = export.next(Asked.Read.class);

        // When
        done(first, 1);
        failed(second);
        done(third, 3);

        // Then
        List<Answer> answers = structured.answers();
        assertThat(answers).hasSize(3);
        Chunk error = (Chunk) answers.getLast();
        assertThat(error.type()).isEqualTo(Chunk.ERROR_OFFSET);
        assertThat(error.done()).isTrue();
        assertThat(error.error()).isEqualTo(NbdError.IO.number());
        assertThat(error.offset()).isEqualTo(1024);
    }

    @Test
    void aStructuredReplyToABadReadIsAnErrorChunk() {
        // When
        structured.send(read(1, 0, MIB, 1));

        // Then
        Chunk error = (Chunk) structured.answers().getFirst();
        assertThat(error.type()).isEqualTo(Chunk.ERROR);
        assertThat(error.error()).isEqualTo(NbdError.INVALID.number());
    }

    @Test
    void anUnfragmentedReplyIsOneChunkHoweverLarge() throws InterruptedException {
        // Given
        structured.send(read(1, Constants.CMD_FLAG_DF, 100, 2500));

        // When
        done(export.next(Asked.Read.class), 1);
        done(export.next(Asked.Read.class), 2);
        done(export.next(Asked.Read.class), 3);

        // Then
        List<Answer> answers = structured.answers();
        assertThat(answers).hasSize(2);
        Chunk data = (Chunk) answers.getFirst();
        assertThat(data.type()).isEqualTo(Chunk.OFFSET_DATA);
        assertThat(data.offset()).isEqualTo(100);
        assertThat(data.data()).hasSize(2500);
        Chunk end = (Chunk) answers.getLast();
        assertThat(end.type()).isEqualTo(Chunk.NONE);
        assertThat(end.done()).isTrue();
    }

    @Test
    void anUnfragmentedReplyThatFailsHalfWayIsFilledUpAndFollowedByTheError() throws InterruptedException {
        // Given
        structured.send(read(1, Constants.CMD_FLAG_DF, 0, 2500));
        done(export.next(Asked.Read.class), 1);

        // When
        failed(export.next(Asked.Read.class));

        // Then
        List<Answer> answers = structured.answers();
        Chunk data = (Chunk) answers.getFirst();
        assertThat(Arrays.copyOf(data.data(), 1024)).containsOnly(1);
        assertThat(Arrays.copyOfRange(data.data(), 1024, 2500)).containsOnly(0);
        assertThat(data.done()).isFalse();
        Chunk error = (Chunk) answers.getLast();
        assertThat(error.type()).isEqualTo(Chunk.ERROR_OFFSET);
        assertThat(error.offset()).isEqualTo(1024);
        assertThat(error.done()).isTrue();
    }

    @Test
    void whatTheExportLeavesOutIsNotSent() throws InterruptedException {
        // Given
        structured.send(read(1, 0, 0, 8));
        Asked.Read asked = export.next(Asked.Read.class);

        // When
        asked.into().put((byte) 1);
        asked.completion().complete(Outcome.DONE);

        // Then
        Chunk error = (Chunk) structured.answers().getFirst();
        assertThat(error.type()).isEqualTo(Chunk.ERROR_OFFSET);
        assertThat(error.error()).isEqualTo(NbdError.IO.number());
    }

    @Test
    void extendedRepliesRepeatTheOffsetOfTheRequest() throws InterruptedException {
        try (Conversation extended = new Conversation(export, HeaderStyle.EXTENDED, Small.LIMITS, budget)) {
            // Given
            extended.send(read(1, 0, 512, 1500));

            // When
            done(export.next(Asked.Read.class), 1);
            done(export.next(Asked.Read.class), 2);

            // Then
            List<Answer> answers = extended.answers();
            assertThat(answers)
                    .extracting(answer -> ((Chunk) answer).requestOffset())
                    .containsExactly(512L, 512L);
            assertThat(answers).extracting(answer -> ((Chunk) answer).offset()).containsExactly(512L, 1536L);
        }
    }

    @Test
    void withoutMemoryAReadGetsOnInSmallSteps() throws InterruptedException {
        // Given nothing is left but the floors, since no piece fits into what is shared
        PayloadBudget small = new PayloadBudget(4 * Small.FLOOR_BYTES);
        try (Conversation poor = new Conversation(export, HeaderStyle.STRUCTURED, Small.LIMITS, small)) {
            byte[] request = ClientBytes.request(HeaderStyle.STRUCTURED, read(1, 0, 0, 1000));
            poor.sendBytesDirectly(request, 0, request.length);

            // When
            int pieces = 0;
            int bytes = 0;
            while (bytes < 1000) {
                Asked.Read asked = export.next(Asked.Read.class);
                bytes += asked.into().remaining();
                done(asked, 1);
                pieces++;
                poor.settle();
            }

            // Then
            assertThat(pieces).isEqualTo(4);
            assertThat(poor.answers()).hasSize(4);
        }
        assertThat(small.freeBytes()).isEqualTo(small.totalBytes());
    }

    private static void done(Asked.Read asked, int value) {
        asked.fill(value);
        asked.completion().complete(Outcome.DONE);
    }

    private static void failed(Asked.Read asked) {
        asked.completion().complete(new Outcome.Failed(NbdError.IO));
    }

    private static Request read(long cookie, int flags, long offset, int length) {
        return new Request(Constants.CMD_READ, flags, cookie, offset, length, 0);
    }
}
