package io.tidemark.replica;

import io.tidemark.events.EventLog;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Seeds: images of disks that were brought to this site by other means, as {@code VM/DISK.raw} in a folder of their own. The replica of a disk that is
 * registered as seeded begins with its seed, if there is one: what is in it is copied only where it differs (docs/architecture.md, section 10).
 *
 * <p>A seed is moved, not copied, so it is used once. One that cannot be used stays where it is; then the replica begins empty, which costs
 * the link more and nothing else.
 */
public final class Seeds {

    private final Path folder;
    private final EventLog events;

    public Seeds(Path folder, EventLog events) {
        this.folder = folder;
        this.events = events;
    }

    /** What the disks of a replica begin with: a seed, where others have nothing for them. */
    public Beginnings behind(Beginnings others, VolumeFolder volumes) {
        return new Beginnings() {
            @Override
            public void defined(Vm vm) {
                others.defined(vm);
                plant(vm, volumes);
            }

            @Override
            public void changed(Vm vm) {
                others.changed(vm);
                plant(vm, volumes);
            }

            @Override
            public Optional<String> doubt(RecoveryPoint point) {
                return others.doubt(point);
            }
        };
    }

    private void plant(Vm vm, VolumeFolder volumes) {
        vm.disks().stream()
                .filter(disk -> disk.seeded() && !volumes.has(disk.id()))
                .forEach(disk -> plant(vm, disk, volumes));
    }

    private void plant(Vm vm, Disk disk, VolumeFolder volumes) {
        Path seed = folder.resolve(vm.name().text()).resolve(disk.name() + ".raw");
        String subject = vm.name() + "/" + disk.name();
        try {
            Optional<String> objection = objection(seed, disk);
            if (objection.isPresent()) {
                events.warn("seed-unused", subject, "the replica begins empty: " + objection.get());
                return;
            }
            volumes.adopt(disk.id(), seed);
            events.info("seed-taken", subject, "the replica begins with " + seed);
        } catch (IOException e) {
            events.warn("seed-unused", subject, "the replica begins empty: " + seed + " cannot be used: " + e);
        }
    }

    private static Optional<String> objection(Path seed, Disk disk) throws IOException {
        if (!Files.isRegularFile(seed, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.of("there is no file " + seed);
        }
        long bytes = Files.size(seed);
        return bytes > disk.sizeBytes()
                ? Optional.of(seed + " has " + bytes + " bytes, and the disk " + disk.sizeBytes())
                : Optional.empty();
    }
}
