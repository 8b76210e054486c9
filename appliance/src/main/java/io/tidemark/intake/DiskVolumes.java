package io.tidemark.intake;

import io.tidemark.journal.StreamId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the volumes of VMs that are going to be protected. Threads that may wait for the disk. */
final class DiskVolumes {

    private static final Logger LOG = LoggerFactory.getLogger(DiskVolumes.class);

    private final Volumes volumes;

    DiskVolumes(Volumes volumes) {
        this.volumes = volumes;
    }

    /** Makes the volumes of the disks that have none; all of them or, with the reason why not, none. */
    Optional<String> open(Vm vm) {
        List<StreamId> made = new ArrayList<>();
        for (Disk disk : vm.disks()) {
            if (volumes.find(disk.id()).isEmpty()) {
                made.add(disk.id());
            }
            try {
                volumes.open(disk.id(), disk.sizeBytes());
            } catch (IOException e) {
                LOG.warn("vm={} disk={}: no volume of {} bytes", vm.name(), disk.name(), disk.sizeBytes(), e);
                made.forEach(this::delete);
                return Optional.of("disk " + disk.name() + ": a volume of " + disk.sizeBytes()
                        + " bytes cannot be made here: " + e.getMessage());
            }
        }
        return Optional.empty();
    }

    private void delete(StreamId stream) {
        try {
            volumes.delete(stream);
        } catch (IOException e) {
            LOG.warn("the volume of {}, which nobody uses, is still there", stream, e);
        }
    }
}
