package io.tidemark.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.wire.Hex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The client with a server that says whatever a test wants it to say. */
class AnswersTest {
    private static final int IN_FLIGHT_MAX = 3;

    private final Destination destination =
            new Destination("localhost", 10809, new ExportName("disk"), new ClientTls.Off());
    private final Calls calls = new Calls(IN_FLIGHT_MAX);
    private final EmbeddedChannel channel = new EmbeddedChannel(new Answers(destination, calls));
    private final RemoteExport export = new Conversation(
            channel,
            destination,
            new RemoteInfo(new Length(1 << 20), new BlockSizes(1, 4096, 65_536), EnumSet.allOf(Feature.class)),
            calls);
    private final List<Result> results = new ArrayList<>();

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    @Test
    void answersInAnyOrderReachTheirRequests() {
        // Given
        List<String> told = new ArrayList<>();
        export.flush(result -> told.add("flush " + result));
        export.write(Offset.ZERO, ByteBuffer.allocate(512), result -> told.add("write " + result));

        // When
        receive("67446698 00000000 0000000000000002");
        receive("67446698 0000001c 0000000000000001");

        // Then
        assertThat(told).containsExactly("write Done[]", "flush Failed[error=28]");
    }

    @Test
    void chunksOfAReadFillItsBuffer() {
        // Given
        ByteBuffer into = ByteBuffer.allocate(12).position(2).limit(10);
        export.read(new Offset(100), into, results::add);

        // When the end comes before the beginning, byte by byte
        byte[] answer = Hex.bytes(
                "668e33ef 0000 0001 0000000000000001 0000000a  000000000000006a 0102  # the 106th byte and the next",
                "668e33ef 0000 0002 0000000000000001 0000000c  0000000000000065 00000005  # a hole of five",
                "668e33ef 0000 0001 0000000000000001 00000009  0000000000000064 09  # the first",
                "668e33ef 0001 0000 0000000000000001 00000000  # the end");
        for (byte one : answer) {
            assertThat(results).isEmpty();
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {one}));
        }

        // Then
        assertThat(results).containsExactly(Result.DONE);
        assertThat(into.position()).isEqualTo(2);
        byte[] read = new byte[into.remaining()];
        into.get(read);
        assertThat(read).containsExactly(9, 0, 0, 0, 0, 0, 1, 2);
    }

    @Test
    void aSimpleAnswerToAReadBringsItsBytes() {
        // Given
        ByteBuffer into = ByteBuffer.allocate(4);
        export.read(Offset.ZERO, into, results::add);

        // When
        receive("67446698 00000000 0000000000000001 01020304");

        // Then
        assertThat(results).containsExactly(Result.DONE);
        assertThat(into).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
    }

    @Test
    void anErrorInTheMiddleOfAReadIsTold() {
        // Given
        export.read(Offset.ZERO, ByteBuffer.allocate(4), results::add);

        // When
        receive("668e33ef 0000 0001 0000000000000001 0000000a  0000000000000000 0102");
        receive("668e33ef 0001 8002 0000000000000001 0000000e  00000005 0000 0000000000000002");

        // Then
        assertThat(results).containsExactly(new Result.Failed(5));
    }

    @Test
    void aBlockStatusIsToldInRuns() {
        // Given
        List<Run> runs = new ArrayList<>();
        export.blockStatus(new Extent(Offset.ZERO, new Length(8192)), new RemoteExport.StatusListener() {
            @Override
            public void onRuns(List<Run> described) {
                runs.addAll(described);
            }

            @Override
            public void onFailure(Result failure) {
                results.add(failure);
            }
        });

        // When
        receive("668e33ef 0001 0005 0000000000000001 0000001c  00000001"
                + "00001000 00000000  00000200 00000003  00000e00 00000002");

        // Then
        assertThat(results).isEmpty();
        assertThat(runs)
                .containsExactly(
                        new Run(new Length(4096), Allocation.DATA),
                        new Run(new Length(512), Allocation.HOLE),
                        new Run(new Length(3584), Allocation.ZERO));
    }

    static Stream<String> violations() {
        return Stream.of(
                "00000000 00000000 0000000000000001  # not the magic",
                "67446698 00000000 0000000000000009  # nobody has asked",
                "668e33ef 0000 0001 0000000000000001 0000000a  0000000000000003 0102  # beyond what was asked for",
                "668e33ef 0000 0001 0000000000000001 0000000a  ffffffffffffffff 0102  # before it",
                "668e33ef 0000 0001 0000000000000001 00000004  00000000  # half an offset",
                "668e33ef 0000 0002 0000000000000001 0000000c  0000000000000000 ffffffff  # a hole beyond",
                "668e33ef 0000 0002 0000000000000001 00000008  0000000000000000  # a hole without a length",
                "668e33ef 0001 0005 0000000000000001 0000000c  00000001 00001000 00000000  # status of a read",
                "668e33ef 0001 8001 0000000000000001 00000002  0000  # half an error",
                "668e33ef 0001 0000 0000000000000001 7fffffff  # a chunk longer than any",
                "668e33ef 0001 0000 0000000000000001 00000000  # the end, and nothing was read");
    }

    @ParameterizedTest
    @MethodSource("violations")
    void anAnswerWithoutSenseEndsTheConnection(String answer) {
        // Given a read of four bytes
        export.read(Offset.ZERO, ByteBuffer.allocate(4), results::add);

        // When
        receive(answer);

        // Then
        assertThat(channel.isOpen()).isFalse();
        assertThat(results).hasSize(1).first().isInstanceOf(Result.Unknown.class);
    }

    @Test
    void whatIsInFlightAtTheEndIsUnknown() {
        // Given
        List<String> ends = new ArrayList<>();
        export.onEnd(ends::add);
        export.flush(results::add);
        channel.runPendingTasks();

        // When
        channel.close().syncUninterruptibly();
        export.flush(results::add);
        export.onEnd(ends::add);
        channel.runPendingTasks();

        // Then
        Result.Unknown unknown = new Result.Unknown("the server hung up");
        assertThat(results).containsExactly(unknown, unknown);
        assertThat(ends).containsExactly("the server hung up", "the server hung up");
    }

    @Test
    void noMoreIsInFlightThanTheLimit() {
        // Given
        for (int i = 0; i < IN_FLIGHT_MAX; i++) {
            export.flush(results::add);
        }

        // Then
        assertThatThrownBy(() -> export.flush(results::add)).isInstanceOf(IllegalStateException.class);

        // When one is answered
        receive("67446698 00000000 0000000000000002");
        export.flush(results::add);

        // Then
        assertThat(results).containsExactly(Result.DONE);
    }

    @Test
    void whatCannotBeAskedIsRefusedAtOnce() {
        assertThatThrownBy(() -> export.write(new Offset((1 << 20) - 1), ByteBuffer.allocate(2), results::add))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> export.write(Offset.ZERO, ByteBuffer.allocate(65_537), results::add))
                .isInstanceOf(IllegalArgumentException.class);
        RemoteExport readOnly = new Conversation(
                channel,
                destination,
                new RemoteInfo(new Length(1 << 20), BlockSizes.STANDARD, EnumSet.noneOf(Feature.class)),
                calls);
        assertThatThrownBy(() -> readOnly.write(Offset.ZERO, ByteBuffer.allocate(1), results::add))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(results).isEmpty();
    }

    private void receive(String hex) {
        channel.writeInbound(Unpooled.wrappedBuffer(Hex.bytes(hex)));
    }
}
