package io.tidemark.mend;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Extent;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class DifferencesTest {

    private static final int UNIT = Differences.UNIT_BYTES;

    @Test
    void unitsThatDifferAndFollowEachOtherAreOneRun() {
        ByteBuffer ours = ByteBuffer.allocate(5 * UNIT + 512);
        ByteBuffer theirs = ByteBuffer.allocate(5 * UNIT + 512);
        theirs.put(2 * UNIT - 1, (byte) 1);
        theirs.put(2 * UNIT, (byte) 1);
        theirs.put(5 * UNIT + 511, (byte) 1);
        Extent extent = new Extent(1L << 40, 5 * UNIT + 512);

        assertThat(Differences.between(extent, theirs, ours))
                .containsExactly(
                        Extent.between(extent.offset() + UNIT, extent.offset() + 3 * UNIT),
                        Extent.between(extent.offset() + 5 * UNIT, extent.end()));
    }

    @Test
    void equalOnesHaveNone() {
        Extent extent = new Extent(0, 512);

        assertThat(Differences.between(extent, ByteBuffer.allocate(512), ByteBuffer.allocate(512)))
                .isEmpty();
    }
}
