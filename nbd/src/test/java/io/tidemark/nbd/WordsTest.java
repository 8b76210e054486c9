package io.tidemark.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The words of the port refuse what has no meaning. */
class WordsTest {
    @Test
    void placesAndLengthsAreNotNegative() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Offset(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Length(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Length(1).minus(new Length(2)));
    }

    @Test
    void arithmeticIsChecked() {
        assertThatThrownBy(() -> new Offset(Long.MAX_VALUE).plus(new Length(1)))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> new Length(Long.MAX_VALUE).plus(new Length(1)))
                .isInstanceOf(ArithmeticException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> new Extent(new Offset(Long.MAX_VALUE), new Length(1)));
    }

    @Test
    void anExtentEndsWhereItsLengthSays() {
        assertThat(new Extent(new Offset(3), new Length(4)).end()).isEqualTo(new Offset(7));
    }

    @Test
    void anExportNameIsAStringOfTheProtocol() {
        assertThat(new ExportName("ä".repeat(2048)).text()).hasSize(2048);
        assertThatIllegalArgumentException().isThrownBy(() -> new ExportName("ä".repeat(2049)));
        assertThatIllegalArgumentException().isThrownBy(() -> new ExportName("a\0b"));
    }

    @Test
    void blockSizesAreThoseOfTheProtocol() {
        assertThat(BlockSizes.STANDARD).isEqualTo(new BlockSizes(1, 4096, 33554432));
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockSizes(3, 4096, 32 << 20));
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockSizes(1 << 17, 1 << 17, 32 << 20));
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockSizes(1, 256, 32 << 20));
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockSizes(4096, 512, 32 << 20));
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockSizes(512, 4096, 5000));
    }

    @Test
    void anAnswerAboutBlockStatusSaysSomething() {
        assertThatIllegalArgumentException().isThrownBy(() -> new StatusCompletion.Described(List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StatusCompletion.Run(Length.ZERO, StatusCompletion.Allocation.DATA));
    }

    @Test
    void limitsFitTogether() {
        assertThat(Limits.STANDARD.floorBytes()).isGreaterThanOrEqualTo(Limits.STANDARD.receiveBytesMax() / 2);
    }
}
