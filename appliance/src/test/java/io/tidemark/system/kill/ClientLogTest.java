package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model finds what is wrong, and nothing else. */
final class ClientLogTest {

    private final ClientLog log = new ClientLog();

    @Test
    void acceptsWhatWasAcknowledgedAndDecidesTheRest() {
        // Given
        ClientLog.Write first = done(log.write("a", 0, 2));
        ClientLog.Write second = log.write("a", 1, 1);

        // When
        log.settle(List.of(image("a", first, second)));

        // Then
        assertThatCode(() -> log.checkCurrent(List.of(image("a", first, second))))
                .doesNotThrowAnyException();
        assertNever(() -> log.checkCurrent(List.of(image("a", first, first))));
    }

    @Test
    void findsALostWriteOnTheDisk() {
        ClientLog.Write first = done(log.write("a", 0, 1));
        done(log.write("a", 0, 1));

        assertNever(() -> log.settle(List.of(image("a", first))));
    }

    @Test
    void findsAWriteThatComesBackAfterItWasLost() {
        // Given
        ClientLog.Write first = done(log.write("a", 0, 1));
        ClientLog.Write lost = log.write("a", 0, 1);
        log.settle(List.of(image("a", first)));

        // When, then
        assertNever(() -> log.checkPoint(1, false, List.of(image("a", lost))));
    }

    @Test
    void findsAWriteThatIsMissingBeforeOneThatIsThere() {
        done(log.write("a", 0, 1));
        ClientLog.Write second = done(log.write("b", 0, 1));

        assertNever(() -> log.checkPoint(1, false, List.of(empty("a"), image("b", second))));
    }

    @Test
    void takesWritesInFlightAtOnceInAnyOrder() {
        // Given
        ClientLog.Write first = log.write("a", 0, 1);
        ClientLog.Write second = log.write("b", 0, 1);
        done(first);
        done(second);

        // When, then
        assertThatCode(() -> log.checkPoint(1, false, List.of(empty("a"), image("b", second))))
                .doesNotThrowAnyException();
    }

    @Test
    void findsAPointOfAFlushThatIsAtNone() {
        // Given
        done(log.write("a", 0, 1));
        log.acknowledged(log.flush());
        ClientLog.Write unflushed = done(log.write("a", 0, 1));

        // When, then
        assertThatCode(() -> log.checkPoint(1, false, List.of(image("a", unflushed))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> log.checkPoint(1, true, List.of(image("a", unflushed))))
                .hasMessageContaining("no flush");
    }

    @Test
    void findsAWriteWithheldFromAFlush() {
        // Given
        done(log.write("a", 0, 1));
        log.acknowledged(log.flush());

        // When, then
        assertThatThrownBy(() -> log.checkPoint(1, true, List.of(empty("a")))).hasMessageContaining("no flush");
    }

    @Test
    void holdsAPointToTheSequencesThatWereSeen() {
        // Given
        ClientLog.Write first = done(log.write("a", 0, 1));
        log.sighted(10, log.now());
        ClientLog.Write second = done(log.write("a", 0, 1));

        // When, then
        assertNever(() -> log.checkPoint(10, false, List.of(empty("a"))));
        assertNever(() -> log.checkPoint(10, false, List.of(image("a", second))));
        assertThatCode(() -> log.checkPoint(10, false, List.of(image("a", first))))
                .doesNotThrowAnyException();
    }

    @Test
    void takesAPointThatStaysTheNewestForLong() {
        // Given
        ClientLog.Write write = done(log.write("a", 0, 1));
        log.sighted(10, log.now());
        log.sighted(10, log.now());

        // When, then
        assertThatCode(() -> log.checkPoint(10, false, List.of(image("a", write))))
                .doesNotThrowAnyException();
        assertThatCode(() -> log.checkPoint(10, false, List.of(image("a", write))))
                .doesNotThrowAnyException();
    }

    @Test
    void holdsAPointToThePointsBeforeIt() {
        // Given
        ClientLog.Write first = done(log.write("a", 0, 1));
        ClientLog.Write second = done(log.write("a", 0, 1));
        log.checkPoint(10, false, List.of(image("a", second)));

        // When, then
        assertThatThrownBy(() -> log.checkPoint(11, false, List.of(image("a", first))))
                .hasMessageContaining("was there at point 10");
    }

    @Test
    void tellsZeroesOfOneTimeFromZeroesOfAnother() {
        // Given
        done(log.zeroes("a", 0, 1));
        done(log.write("a", 0, 1));
        ClientLog.Write other = done(log.write("b", 0, 1));
        done(log.zeroes("a", 0, 1));

        // When, then
        assertThatCode(() -> log.checkPoint(1, false, List.of(empty("a"), empty("b"))))
                .doesNotThrowAnyException();
        assertThatCode(() -> log.checkPoint(2, false, List.of(empty("a"), image("b", other))))
                .doesNotThrowAnyException();
        log.sighted(3, log.now());
        assertNever(() -> log.checkPoint(3, false, List.of(empty("a"), empty("b"))));
    }

    @Test
    void readsWhatItsWritesHaveFilledAndNothingElse(@TempDir Path folder) throws IOException {
        // Given
        ClientLog.Write write = log.write("a", 0, 2);
        Path file = Files.write(folder.resolve("a"), write.payload());
        Image whole = Image.read("a", file);
        byte[] torn = write.payload();
        torn[Image.BLOCK_BYTES + 4000] ^= 1;
        Files.write(file, torn);

        // When, then
        assertThatCode(() -> log.checkCurrent(List.of(whole))).doesNotThrowAnyException();
        assertThatThrownBy(() -> Image.read("a", file)).hasMessageContaining("block 1");
        assertThatThrownBy(() -> Image.read("b", file)).hasMessageContaining("block 0");
    }

    private ClientLog.Write done(ClientLog.Write write) {
        log.acknowledged(write);
        return write;
    }

    private static void assertNever(org.assertj.core.api.ThrowableAssert.ThrowingCallable check) {
        assertThatThrownBy(check).isInstanceOf(AssertionError.class).hasMessageContaining("that was at");
    }

    private static Image image(String disk, ClientLog.Write... blocks) {
        return new Image(disk, Stream.of(blocks).map(ClientLog.Write::number).toList());
    }

    private static Image empty(String disk) {
        return new Image(disk, List.of(0L));
    }
}
