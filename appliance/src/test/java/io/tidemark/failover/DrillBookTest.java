package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.VmId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrillBookTest {

    private static final VmId SHOP = new VmId(new UUID(1, 1));
    private static final VmId MAIL = new VmId(new UUID(1, 2));
    private static final VmId GONE = new VmId(new UUID(1, 3));

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void aDrillIsRememberedInTheNextLife() {
        book().drilled(SHOP, Set.of(SHOP, MAIL));
        now = now.plus(Duration.ofDays(91));

        assertThat(book().sinceDrill(SHOP)).contains(Duration.ofDays(91));
        assertThat(book().sinceDrill(MAIL)).isEmpty();
    }

    @Test
    void nothingIsKeptOfVmsThatAreGone() {
        DrillBook book = book();
        book.drilled(GONE, Set.of(GONE, SHOP));

        book.drilled(SHOP, Set.of(SHOP));

        assertThat(book().sinceDrill(GONE)).isEmpty();
        assertThat(book().sinceDrill(SHOP)).contains(Duration.ZERO);
    }

    @Test
    void aBookThatCannotBeReadKeepsNobodyFromADrill() throws Exception {
        Files.writeString(folder.resolve("drilled.json"), "{\"vms\": [{\"vm\"");
        DrillBook book = book();
        assertThat(book.sinceDrill(SHOP)).isEmpty();

        book.drilled(SHOP, Set.of(SHOP));

        assertThat(book().sinceDrill(SHOP)).contains(Duration.ZERO);
    }

    private DrillBook book() {
        return new DrillBook(folder.resolve("drilled.json"), () -> now);
    }
}
