package io.tidemark.link.sender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.tidemark.journal.Sequence;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.OutgoingRange.Body;
import io.tidemark.link.Ranges;
import io.tidemark.link.SessionId;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LeasedFrameTest {

    private static final int FRAME_BYTES = 16 + 40;

    private final Ranges ranges = new Ranges();

    @AfterEach
    void leasesWereClosedOnce() {
        assertThat(ranges.open()).isZero();
        assertThat(ranges.closedAgain()).isZero();
    }

    @Test
    void recordsFollowTheHeaderInOrder() {
        for (int recordBytes : List.of(72, 5_000, 8 << 10, 9_000, 100_000)) {
            ByteBuf frame = take(ranges.range(5, 20, recordBytes));

            assertThat(frame.readableBytes()).isEqualTo(FRAME_BYTES + 20 * recordBytes);
            for (int i = 0; i < 20; i++) {
                assertThat(frame.nioBuffer(FRAME_BYTES + i * recordBytes, recordBytes))
                        .isEqualTo(Ranges.record(5 + i, recordBytes));
            }
            frame.release();
        }
    }

    @Test
    void largeRecordsAreSentFromWhereTheyAre() {
        // Given
        ByteBuffer mapped = ByteBuffer.allocateDirect(1 << 20);
        ByteBuf frame = take(new OutgoingRange(
                new Sequence(1),
                new Sequence(1),
                1,
                mapped.capacity(),
                new Body.Images(List.of(mapped.asReadOnlyBuffer())),
                ranges.lease()));

        // When
        mapped.put(77, (byte) 7);

        // Then
        assertThat(frame.getByte(FRAME_BYTES + 77)).isEqualTo((byte) 7);
        frame.release();
    }

    @Test
    void smallRecordsAreGathered() {
        LeasedFrame frame = take(ranges.range(1, 1000, 600));

        assertThat(frame.numComponents()).isEqualTo(1 + 10); // 109 records in each 64 KiB
        frame.release();
    }

    @Test
    void theLeaseIsOpenAsLongAsAnySliceIs() {
        LeasedFrame frame = take(ranges.range(1, 3, 10_000));
        ByteBuf slice = frame.retainedSlice(20_000, 5);

        frame.release();
        assertThat(ranges.open()).isEqualTo(1);
        slice.release();
    }

    @Test
    void aRangeThatIsNotRightGivesItsLeaseBack() {
        OutgoingRange wrong = new OutgoingRange(
                new Sequence(1),
                new Sequence(2),
                2,
                99,
                new Body.Images(List.of(Ranges.record(1, 100))),
                ranges.lease());

        assertThatThrownBy(() -> take(wrong)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compressedRecordsGoAsTheyAre() {
        ByteBuffer zstd = Ranges.record(3, 50);
        ByteBuf frame = take(
                new OutgoingRange(new Sequence(1), new Sequence(1), 1, 100, new Body.Compressed(zstd), ranges.lease()));

        assertThat(ByteBufUtil.getBytes(frame, FRAME_BYTES, 50))
                .isEqualTo(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(zstd)));
        frame.release();
    }

    private static LeasedFrame take(OutgoingRange range) {
        return LeasedFrame.take(new SessionId(1), range, PooledByteBufAllocator.DEFAULT);
    }
}
