package io.tidemark.link.receiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.tidemark.journal.Sequence;
import io.tidemark.link.SessionId;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import io.tidemark.link.protocol.RangeHeader.Encoding;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InflaterTest {

    private static final byte[] RECORDS = new byte[10_000];

    private final Inflater inflater = new Inflater();

    @AfterEach
    void close() {
        inflater.close();
    }

    @Test
    void recordsComeOutAsTheyWentIn() {
        ByteBuf records = inflate(RECORDS.length, Zstd.compress(RECORDS));

        assertThat(ByteBufUtil.getBytes(records)).isEqualTo(RECORDS);
        records.release();
    }

    @Test
    void anotherSizeThanDeclaredIsRefused() {
        assertRefused(RECORDS.length + 1, Zstd.compress(RECORDS), "has 10000 bytes, not 10001");
        assertRefused(RECORDS.length - 1, Zstd.compress(RECORDS), "too small");
    }

    @Test
    void moreOrLessThanOneFrameIsRefused() {
        byte[] frame = Zstd.compress(RECORDS);
        byte[] two = Arrays.copyOf(frame, frame.length * 2);
        System.arraycopy(frame, 0, two, frame.length, frame.length);

        assertRefused(2 * RECORDS.length, two, "is not one zstd frame");
        for (int cut = 1; cut < frame.length; cut++) {
            assertRefused(RECORDS.length, Arrays.copyOf(frame, cut), "");
        }
    }

    @Test
    void garbageIsRefused() {
        byte[] frame = Zstd.compress(RECORDS);
        frame[0] ^= 1;

        assertRefused(RECORDS.length, frame, "is not one zstd frame");
    }

    private void assertRefused(int declared, byte[] wire, String said) {
        assertThatThrownBy(() -> inflate(declared, wire))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining(said);
    }

    private ByteBuf inflate(int declared, byte[] wire) {
        ByteBuf direct =
                PooledByteBufAllocator.DEFAULT.directBuffer(wire.length).writeBytes(wire);
        RangeHeader header = new RangeHeader(
                new SessionId(1), new Sequence(1), new Sequence(1), 1, declared, Encoding.ZSTD, wire.length);
        try {
            return inflater.take(header, direct, PooledByteBufAllocator.DEFAULT);
        } finally {
            assertThat(direct.refCnt()).isZero();
        }
    }
}
