package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.WriteBufferWaterMark;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.Zeroing;
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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The other commands, what limits a connection, and how it ends. */
class LifeTest {
    private static final int MIB = 1 << 20;

    private final ManualExport export = ManualExport.anywhere(RamExport.info("disk", MIB));
    private final PayloadBudget budget = new PayloadBudget(MIB);
    private final Conversation client = new Conversation(export, HeaderStyle.STRUCTURED, Small.LIMITS, budget);

    @AfterEach
    void everythingComesBack() {
        client.close();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void commandsReachTheSessionWithTheirArguments() throws InterruptedException {
        // When
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        client.send(request(Constants.CMD_TRIM, Constants.CMD_FLAG_FUA, 2, 512, 1024));
        client.send(request(Constants.CMD_CACHE, 0, 3, 512, 1024));
        client.send(request(Constants.CMD_WRITE_ZEROES, Constants.CMD_FLAG_NO_HOLE, 4, 512, 1024));

        // Then
        Extent extent = new Extent(new Offset(512), new Length(1024));
        export.next(Asked.Flush.class).completion().complete(Outcome.DONE);
        Asked.Trim trim = export.next(Asked.Trim.class);
        assertThat(trim.extent()).isEqualTo(extent);
        assertThat(trim.durability()).isEqualTo(Durability.DURABLE);
        trim.completion().complete(Outcome.DONE);
        Asked.Cache cache = export.next(Asked.Cache.class);
        assertThat(cache.extent()).isEqualTo(extent);
        cache.completion().complete(Outcome.DONE);
        Asked.WriteZeroes zeroes = export.next(Asked.WriteZeroes.class);
        assertThat(zeroes.zeroing())
                .isEqualTo(new Zeroing(extent, Zeroing.Space.STAYS_ALLOCATED, Zeroing.Speed.ANY, Durability.ORDERED));
        zeroes.completion().complete(Outcome.DONE);
        assertThat(client.answers())
                .containsExactly(
                        new Answer.Simple(1, 0),
                        new Answer.Simple(2, 0),
                        new Answer.Simple(3, 0),
                        new Answer.Simple(4, 0));
    }

    @Test
    void errorsOfTheExportAreToldInWords() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_WRITE_ZEROES, Constants.CMD_FLAG_FAST_ZERO, 1, 0, 1024));

        // When
        export.next(Asked.WriteZeroes.class).completion().complete(new Outcome.Failed(NbdError.NOT_SUPPORTED));

        // Then
        Chunk error = (Chunk) client.answers().getFirst();
        assertThat(error.type()).isEqualTo(Chunk.ERROR);
        assertThat(error.error()).isEqualTo(95);
        assertThat(error.payload().limit())
                .isEqualTo(6 + NbdError.NOT_SUPPORTED.text().length());
    }

    @Test
    void blockStatusIsTold() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_BLOCK_STATUS, 0, 1, 512, 1024));
        Asked.Status asked = export.next(Asked.Status.class);
        assertThat(asked.extent()).isEqualTo(new Extent(new Offset(512), new Length(1024)));
        assertThat(asked.runsMax()).isEqualTo(16);

        // When
        asked.completion()
                .complete(new StatusCompletion.Described(List.of(
                        new Run(new Length(1000), Allocation.DATA), new Run(new Length(4000), Allocation.HOLE))));

        // Then
        Chunk status = (Chunk) client.answers().getFirst();
        assertThat(status.type()).isEqualTo(Chunk.BLOCK_STATUS);
        assertThat(status.payload())
                .isEqualTo(ByteBuffer.allocate(20)
                        .putInt(1)
                        .putInt(1000)
                        .putInt(0)
                        .putInt(4000)
                        .putInt(3)
                        .flip());
    }

    @Test
    void blockStatusMayFail() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_BLOCK_STATUS, 0, 1, 512, 1024));

        // When
        export.next(Asked.Status.class).completion().complete(new StatusCompletion.Failed(NbdError.IO));

        // Then
        assertThat(((Chunk) client.answers().getFirst()).error()).isEqualTo(NbdError.IO.number());
    }

    @Test
    void aCallIsCompletedOnce() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        Asked.Flush flush = export.next(Asked.Flush.class);
        flush.completion().complete(Outcome.DONE);

        // When
        var again = assertThatIllegalStateException()
                .isThrownBy(() -> flush.completion().complete(Outcome.DONE));

        // Then
        again.withMessageContaining("twice");
        assertThat(client.answers()).hasSize(1);
    }

    @Test
    void aCallMayBeCompletedOnAnyThread() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        Asked.Flush flush = export.next(Asked.Flush.class);

        // When
        Thread thread = Thread.ofPlatform().start(() -> flush.completion().complete(Outcome.DONE));
        thread.join();

        // Then
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, 0));
    }

    @Test
    void noMoreRequestsAreBegunThanAllowed() throws InterruptedException {
        // Given
        byte[] flush = ClientBytes.request(HeaderStyle.STRUCTURED, request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        byte[] many = ClientBytes.concat(flush, flush, flush, flush, flush, flush);

        // When
        client.sendBytes(many);

        // Then
        assertThat(export.waiting()).isEqualTo(Small.REQUESTS_IN_FLIGHT_MAX);
        assertThat(client.reads()).isFalse();

        // And each answer makes room for one more
        export.next(Asked.Flush.class).completion().complete(Outcome.DONE);
        assertThat(export.waiting()).isEqualTo(Small.REQUESTS_IN_FLIGHT_MAX);
        assertThat(client.reads()).isFalse();
        for (int i = 0; i < 5; i++) {
            export.next(Asked.Flush.class).completion().complete(Outcome.DONE);
        }
        assertThat(client.reads()).isTrue();
        assertThat(client.answers()).hasSize(6);
    }

    @Test
    void nothingIsBegunForAClientThatTakesNoReplies() throws InterruptedException {
        // Given
        client.channel().config().setWriteBufferWaterMark(new WriteBufferWaterMark(10, 20));
        ChannelFuture untaken = client.channel().write(Unpooled.buffer().writeZero(100));
        assertThat(untaken.isDone()).isFalse();
        assertThat(client.channel().isWritable()).isFalse();

        // When
        client.channel()
                .pipeline()
                .fireChannelRead(Unpooled.wrappedBuffer(
                        ClientBytes.request(HeaderStyle.STRUCTURED, request(Constants.CMD_FLUSH, 0, 1, 0, 0))));

        // Then it is begun when the client has taken what it was sent, which an embedded channel does when flushed
        client.channel().flush();
        export.next(Asked.Flush.class).completion().complete(Outcome.DONE);
        assertThat(client.received()).hasSize(100 + 16);
    }

    @Test
    void goodbyeWaitsForWhatIsUnderWay() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        Asked.Flush flush = export.next(Asked.Flush.class);

        // When
        client.send(request(Constants.CMD_DISC, 0, 2, 0, 0));
        client.send(request(Constants.CMD_FLUSH, 0, 3, 0, 0));

        // Then
        assertThat(client.channel().isOpen()).isTrue();
        assertThat(export.waiting()).isZero();
        flush.completion().complete(Outcome.DONE);
        client.settle();
        assertThat(client.answers()).containsExactly(new Answer.Simple(1, 0));
        assertThat(client.channel().isOpen()).isFalse();
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.DISCONNECTED);
    }

    @Test
    void aClientThatGoesWithoutAWordIsLost() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        Asked.Flush flush = export.next(Asked.Flush.class);
        client.send(request(Constants.CMD_READ, 0, 2, 0, 100));
        Asked.Read read = export.next(Asked.Read.class);

        // When
        client.close();

        // Then what is under way may still be completed
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
        flush.completion().complete(Outcome.DONE);
        read.fill(1);
        read.completion().complete(Outcome.DONE);
    }

    @Test
    void goodbyeCountsEvenIfTheClientDoesNotWait() throws InterruptedException {
        // Given
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        Asked.Flush flush = export.next(Asked.Flush.class);
        client.send(request(Constants.CMD_DISC, 0, 2, 0, 0));

        // When
        client.close();

        // Then
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.DISCONNECTED);
        flush.completion().complete(Outcome.DONE);
    }

    @Test
    void garbageIsAViolation() throws InterruptedException {
        // When
        client.sendBytes(new byte[28]);

        // Then
        assertThat(client.channel().isOpen()).isFalse();
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.VIOLATION);
    }

    @Test
    void anIdleConnectionStopsAtOnce() throws InterruptedException {
        // When
        stop();

        // Then
        assertThat(client.channel().isOpen()).isFalse();
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.CLOSED_BY_SERVER);
    }

    @Test
    void aStoppingServerFinishesWhatIsUnderWayAndBeginsNothing() throws InterruptedException {
        // Given a flush, and a write of which half has arrived
        client.send(request(Constants.CMD_FLUSH, 0, 1, 0, 0));
        Asked.Flush flush = export.next(Asked.Flush.class);
        Request write = request(Constants.CMD_WRITE, 0, 2, 0, 2000);
        client.sendBytes(ClientBytes.concat(ClientBytes.request(HeaderStyle.STRUCTURED, write), new byte[1500]));
        Asked.Write first = export.next(Asked.Write.class);

        // When
        stop();
        client.sendBytes(new byte[500]);
        client.send(request(Constants.CMD_WRITE, 0, 3, 0, 100), new byte[100]);

        // Then
        Asked.Write second = export.next(Asked.Write.class);
        for (Asked.Write piece : List.of(first, second)) {
            piece.payload().release();
            piece.completion().complete(Outcome.DONE);
        }
        assertThat(client.channel().isOpen()).isTrue();
        flush.completion().complete(Outcome.DONE);
        client.settle();
        assertThat(client.channel().isOpen()).isFalse();
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.CLOSED_BY_SERVER);
        List<Answer> answers = new ArrayList<>(client.answers());
        assertThat(((Chunk) answers.removeFirst()).error()).isEqualTo(NbdError.SHUTTING_DOWN.number());
        assertThat(answers).containsExactly(new Answer.Simple(2, 0), new Answer.Simple(1, 0));
    }

    @Test
    void whoHangsUpWithTooMuchUnreadIsLost() throws InterruptedException {
        // Given a connection that waits for the export
        Request read = request(Constants.CMD_READ, 0, 1, 0, 100);
        for (int i = 0; i < Small.REQUESTS_IN_FLIGHT_MAX; i++) {
            client.send(read);
        }
        assertThat(client.reads()).isFalse();

        // When Netty reads nevertheless, as it does after a hang-up
        byte[] kilobyte = new byte[1024];
        while (client.channel().isOpen()) {
            client.sendBytes(kilobyte);
        }

        // Then
        for (int i = 0; i < Small.REQUESTS_IN_FLIGHT_MAX; i++) {
            Asked.Read asked = export.next(Asked.Read.class);
            asked.fill(0);
            asked.completion().complete(Outcome.DONE);
        }
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
    }

    private void stop() {
        client.channel().pipeline().fireUserEventTriggered(ConnectionEvent.SERVER_STOPS);
        client.settle();
    }

    private static Request request(int type, int flags, long cookie, long offset, int length) {
        return new Request(type, flags, cookie, offset, length, type == Constants.CMD_WRITE ? length : 0);
    }
}
