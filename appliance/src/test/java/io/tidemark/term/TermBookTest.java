package io.tidemark.term;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.VmId;
import io.tidemark.state.FolderFiles;
import io.tidemark.state.SmallFiles;
import io.tidemark.term.Claim.Kind;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is heard is durable before anybody acts on it, and of VMs that are shared only. */
class TermBookTest {

    private static final VmId VM = new VmId(new UUID(1, 2));
    private static final VmId OTHER = new VmId(new UUID(3, 4));

    @TempDir
    Path folder;

    private TermBook book;

    @BeforeEach
    void open() throws IOException {
        book = reopened();
    }

    @Test
    void everyTenureOutlivesTheProcess() throws IOException {
        book.promote(VM, "south", 2);
        hear("south", Claim.of(OTHER, new Term(1, "south"), Kind.WANTED));
        List<Tenure> tenures = new ArrayList<>();
        for (Claim next : List.of(
                Claim.of(VM, new Term(2, "south"), Kind.HELD),
                Claim.of(VM, new Term(3, "south"), Kind.HELD),
                Claim.of(OTHER, new Term(1, "south"), Kind.WITHDRAWN))) {
            // When
            hear("south", next);

            // Then
            assertThat(reopened().tenure(VM)).isEqualTo(book.tenure(VM));
            assertThat(reopened().tenure(OTHER)).isEqualTo(book.tenure(OTHER));
            tenures.add(book.tenure(VM));
        }
        assertThat(tenures.getFirst()).isInstanceOf(Tenure.Contested.class);
        assertThat(book.tenure(VM)).isEqualTo(new Tenure.Lost(new Term(3, "south")));
        assertThat(book.tenure(OTHER)).isEqualTo(new Tenure.Unchanged());
    }

    @Test
    void whoeverActsOnAChangeFindsItDurable() throws IOException {
        List<Tenure> durable = new ArrayList<>();
        book.onChange(entry -> durable.add(tenureOnDisk(entry.vm())));

        // When
        book.promote(VM, "south", 1);
        hear("south", Claim.of(VM, new Term(1, "south"), Kind.HELD));
        book.claim(VM, "south");

        // Then
        assertThat(durable)
                .containsExactly(
                        new Tenure.Held(new Term(1, "north")),
                        new Tenure.Contested(new Term(1, "north"), new Term(1, "south")),
                        new Tenure.Held(new Term(2, "north")));
    }

    @Test
    void aSiteThatDoesNotShareAVmCannotFenceIt() throws IOException {
        // When
        book.hear("west", List.of(Claim.of(VM, new Term(9, "west"), Kind.HELD)), (peer, vm) -> false);

        // Then
        assertThat(book.tenure(VM).fence()).isEmpty();

        // Given: shared with south
        book.promote(VM, "south", 1);

        // When
        hear("west", Claim.of(VM, new Term(9, "west"), Kind.HELD));

        // Then
        assertThat(book.tenure(VM).fence()).isEmpty();
    }

    @Test
    void aTermIsNotTakenOverOneThatIsNewer() throws IOException {
        hear("south", Claim.of(VM, new Term(5, "south"), Kind.HELD));

        assertThat(book.promote(VM, "south", 5)).isEqualTo(new Tenure.Lost(new Term(5, "south")));
        assertThat(book.promote(VM, "south", 6)).isEqualTo(new Tenure.Held(new Term(6, "north")));
        assertThat(book.promote(VM, "south", 6)).isEqualTo(new Tenure.Held(new Term(6, "north")));
    }

    @Test
    void whatCannotBeMadeDurableIsNotHeard() throws IOException {
        TermBook full = new TermBook("north", new FullDisk(), VmDocument.mapper());

        assertThatThrownBy(() ->
                        full.hear("south", List.of(Claim.of(VM, new Term(1, "south"), Kind.HELD)), (peer, vm) -> true))
                .isInstanceOf(IOException.class);
        assertThat(full.tenure(VM)).isEqualTo(new Tenure.Unchanged());
    }

    @Test
    void aFileThatCannotBeReadIsNotTakenForNone() throws IOException {
        Files.writeString(folder.resolve("terms.json"), "{\"format\": 1, \"vms\": [{\"vm\"");

        assertThatThrownBy(this::reopened).isInstanceOf(IOException.class).hasMessageContaining("terms.json");
    }

    private void hear(String peer, Claim claim) throws IOException {
        book.hear(peer, List.of(claim), (site, vm) -> true);
    }

    private Tenure tenureOnDisk(VmId vm) {
        try {
            return reopened().tenure(vm);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private TermBook reopened() throws IOException {
        return new TermBook("north", new FolderFiles(folder), VmDocument.mapper());
    }

    private static final class FullDisk implements SmallFiles {
        @Override
        public Optional<byte[]> read(String name) {
            return Optional.empty();
        }

        @Override
        public void write(String name, byte[] content) throws IOException {
            throw new IOException("No space left on device");
        }

        @Override
        public List<String> names(String folder) {
            return List.of();
        }

        @Override
        public void delete(String name) {
            // there is nothing
        }
    }
}
