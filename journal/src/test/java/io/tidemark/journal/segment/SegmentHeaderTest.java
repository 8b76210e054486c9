package io.tidemark.journal.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Hex;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.format.BadRecord;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SegmentHeaderTest {

    private static final SegmentHeader HEADER = new SegmentHeader(
            new JournalId(new UUID(0x1112131415161718L, 0x2122232425262728L)),
            7,
            new Incarnation(0x0a0b0c0d0e0f1011L),
            new UUID(0x3132333435363738L, 0x4142434445464748L));

    private static final ByteBuffer BYTES = Hex.bytes("""
            54 4d 53 31              # TMS1
            01 00 00 00              # version
            18 17 16 15 14 13 12 11  # journal
            28 27 26 25 24 23 22 21
            07 00 00 00 00 00 00 00  # segment
            11 10 0f 0e 0d 0c 0b 0a  # incarnation
            38 37 36 35 34 33 32 31  # boot id
            48 47 46 45 44 43 42 41
            00 00 00 00
            83 d0 5e 3d              # checksum
            """);

    @Test
    void aHeaderIsTheseBytes() throws BadRecord {
        assertThat(HEADER.encode()).isEqualTo(BYTES);
        assertThat(SegmentHeader.decode(BYTES)).isEqualTo(HEADER);
    }

    @Test
    void damageIsRefused() {
        for (int bit = 0; bit < SegmentHeader.BYTES * 8; bit++) {
            ByteBuffer flipped = ByteBuffer.allocate(SegmentHeader.BYTES)
                    .put(BYTES.duplicate())
                    .flip();
            flipped.put(bit / 8, (byte) (flipped.get(bit / 8) ^ 1 << bit % 8));

            assertThatThrownBy(() -> SegmentHeader.decode(flipped)).isInstanceOf(BadRecord.class);
        }
    }

    @Test
    void nothingShorterOrLongerIsAHeader() {
        assertThatThrownBy(() -> SegmentHeader.decode(BYTES.slice(0, SegmentHeader.BYTES - 1)))
                .isInstanceOf(BadRecord.class);
        assertThatThrownBy(() -> SegmentHeader.decode(ByteBuffer.allocate(SegmentHeader.BYTES + 1)))
                .isInstanceOf(BadRecord.class);
    }
}
