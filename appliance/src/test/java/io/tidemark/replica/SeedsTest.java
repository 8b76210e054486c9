package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.events.EventLog;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was brought to a site by other means, and what becomes of it. */
class SeedsTest {

    @TempDir
    Path folder;

    private final Vm vm = seeded(SourceStage.vm(1, AttachMode.MIRROR_ACTIVE, 2), 0);
    private final EventLog events = new EventLog(() -> Instant.EPOCH);
    private Path volumesFolder;
    private VolumeFolder volumes;
    private Beginnings beginnings;

    @BeforeEach
    void begin() {
        volumesFolder = folder.resolve("volumes");
        volumes = new VolumeFolder(volumesFolder);
        beginnings = new Seeds(folder.resolve("seeds"), events).behind(Beginnings.NOTHING, volumes);
    }

    @Test
    void aSeededDiskBeginsWithItsSeedAndOthersWithNothing() throws IOException {
        Path seed = bring("vm1", "disk0", 4096);
        Path other = bring("vm1", "disk1", 4096);

        beginnings.defined(vm);

        assertThat(Files.size(volumeOf(0))).isEqualTo(4096);
        assertThat(seed).doesNotExist();
        assertThat(volumes.has(vm.disks().get(1).id())).isFalse();
        assertThat(other).exists();
        assertThat(kinds()).containsExactly("seed-taken");
    }

    @Test
    void whatHasBegunIsNotBegunAgain() throws IOException {
        bring("vm1", "disk0", 4096);
        beginnings.defined(vm);
        Path later = bring("vm1", "disk0", 512);

        beginnings.defined(vm);
        beginnings.changed(vm);

        assertThat(Files.size(volumeOf(0))).isEqualTo(4096);
        assertThat(later).exists();
    }

    @Test
    void aDiskThatIsAddedBeginsWithItsSeedToo() throws IOException {
        beginnings.defined(SourceStage.without(vm, 0));
        bring("vm1", "disk0", 4096);

        beginnings.changed(vm);

        assertThat(volumeOf(0)).hasSize(4096);
    }

    @Test
    void withoutASeedTheReplicaBeginsEmptyAndSaysSo() {
        beginnings.defined(vm);

        assertThat(volumes.has(vm.disks().getFirst().id())).isFalse();
        assertThat(events.since(0, 10)).singleElement().satisfies(event -> {
            assertThat(event.kind()).isEqualTo("seed-unused");
            assertThat(event.severity()).isEqualTo(Event.Severity.WARNING);
            assertThat(event.message()).contains("there is no file").contains("disk0.raw");
        });
    }

    @Test
    void whatIsLargerThanTheDiskOrNoFileStaysWhereItIs() throws IOException {
        Path large = bring("vm1", "disk0", SourceStage.DISK_BYTES + 1);
        beginnings.defined(vm);
        assertThat(large).hasSize(SourceStage.DISK_BYTES + 1L);

        Files.delete(large);
        Path elsewhere = Files.createFile(folder.resolve("elsewhere"));
        Files.createSymbolicLink(large, elsewhere);
        beginnings.defined(vm);

        assertThat(large).isSymbolicLink();
        assertThat(kinds()).containsExactly("seed-unused", "seed-unused");
        assertThat(volumes.has(vm.disks().getFirst().id())).isFalse();
    }

    private Path bring(String name, String disk, int bytes) throws IOException {
        Path seed = folder.resolve("seeds").resolve(name).resolve(disk + ".raw");
        Files.createDirectories(seed.getParent());
        return Files.write(seed, new byte[bytes]);
    }

    private Path volumeOf(int disk) {
        return volumesFolder.resolve(vm.disks().get(disk).id() + ".raw");
    }

    private List<String> kinds() {
        return events.since(0, 10).stream().map(Event::kind).toList();
    }

    private static Vm seeded(Vm vm, int number) {
        Disk disk = vm.disks().get(number);
        Disk seeded = new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge(), true);
        return vm.on(vm.disks().stream()
                .map(each -> each.equals(disk) ? seeded : each)
                .toList());
    }
}
