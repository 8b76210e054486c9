package io.tidemark.nbd.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportInfo.Access;
import io.tidemark.nbd.ExportInfo.Medium;
import io.tidemark.nbd.ExportInfo.Sharing;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import org.junit.jupiter.api.Test;

class TransmissionFlagsTest {
    @Test
    void offersEverythingForAnOrdinaryDisk() {
        // HAS_FLAGS, SEND_FLUSH, SEND_FUA, SEND_TRIM, SEND_WRITE_ZEROES, CAN_MULTI_CONN, SEND_CACHE, SEND_FAST_ZERO
        assertThat(TransmissionFlags.of(info(Access.READ_WRITE, Medium.SOLID), HeaderStyle.SIMPLE))
                .isEqualTo(0b1101_0110_1101);
    }

    @Test
    void offersNoChangesOfAReadOnlyExport() {
        // HAS_FLAGS, READ_ONLY, SEND_FLUSH, SEND_FUA, CAN_MULTI_CONN, SEND_CACHE
        assertThat(TransmissionFlags.of(info(Access.READ_ONLY, Medium.SOLID), HeaderStyle.SIMPLE))
                .isEqualTo(0b0101_0000_1111);
    }

    @Test
    void tellsOfSlowSeeks() {
        assertThat(TransmissionFlags.of(info(Access.READ_WRITE, Medium.ROTATIONAL), HeaderStyle.SIMPLE))
                .isEqualTo(0b1101_0111_1101);
    }

    @Test
    void offersUnfragmentedReadsOnlyWhereThereAreFragments() {
        assertThat(TransmissionFlags.of(info(Access.READ_WRITE, Medium.SOLID), HeaderStyle.STRUCTURED))
                .isEqualTo(0b1101_1110_1101);
        assertThat(TransmissionFlags.of(info(Access.READ_WRITE, Medium.SOLID), HeaderStyle.EXTENDED))
                .isEqualTo(0b1101_1110_1101);
    }

    @Test
    void aDiskOfOneConnectionDoesNotOfferMany() {
        assertThat(TransmissionFlags.of(
                        info(Access.READ_WRITE, Sharing.ONE_CONNECTION, Medium.SOLID), HeaderStyle.SIMPLE))
                .isEqualTo(0b1100_0110_1101);
    }

    private static ExportInfo info(Access access, Medium medium) {
        return info(access, Sharing.MANY_CONNECTIONS, medium);
    }

    private static ExportInfo info(Access access, Sharing sharing, Medium medium) {
        return new ExportInfo(new ExportName("disk"), "", new Length(1), access, sharing, medium, BlockSizes.STANDARD);
    }
}
