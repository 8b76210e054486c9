package io.tidemark.failover;

import io.tidemark.replica.HeldPoint;
import io.tidemark.vm.Disk;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A VM's disks at one recovery point, writable, until the drill is deleted. Any thread. */
public final class Drill {

    /** One disk of it, as clients find it. */
    public record DrillDisk(Disk disk, String export) {}

    /** A disk with what is thrown away at the end. */
    record Mounted(DrillDisk disk, RecoveryExport export, Scratch scratch) {}

    private final String id;
    private final HeldPoint point;
    private final Instant started;
    private final List<Mounted> mounted;
    private final DrillEnd end;
    private final AtomicBoolean takenApart = new AtomicBoolean();

    Drill(String id, HeldPoint point, Instant started, List<Mounted> mounted, DrillEnd end) {
        this.id = id;
        this.point = point;
        this.started = started;
        this.mounted = mounted;
        this.end = end;
    }

    public String id() {
        return id;
    }

    public HeldPoint point() {
        return point;
    }

    public Instant started() {
        return started;
    }

    public List<DrillDisk> disks() {
        return mounted.stream().map(Mounted::disk).toList();
    }

    /** Why it can no longer be used, if that is so. */
    public Optional<String> gone() {
        return end.reason();
    }

    /** Whether the caller is the one who takes it apart: once. */
    boolean takeApart() {
        return takenApart.compareAndSet(false, true);
    }

    List<Mounted> mounted() {
        return mounted;
    }

    DrillEnd end() {
        return end;
    }
}
