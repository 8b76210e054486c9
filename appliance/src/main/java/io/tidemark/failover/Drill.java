package io.tidemark.failover;

import io.tidemark.replica.FloorHold;
import io.tidemark.replica.HeldPoint;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The disks of a VM, or of all VMs of a group, at one recovery point, writable, until the drill is deleted. Any thread. */
public final class Drill {

    /**
     * What is drilled.
     *
     * @param group whose VMs these are, if it is not one VM
     * @param hold of the point, whichever VM's
     * @param points of each VM, all at one sequence, in the order in which they are to be started
     */
    record Subject(Optional<Name> group, FloorHold hold, List<HeldPoint> points) {

        /** For people. */
        String text() {
            return group.map(name -> "group " + name)
                    .orElseGet(() -> "VM " + points.getFirst().point().vm().name());
        }
    }

    /** One disk of it, as clients find it. */
    public record DrillDisk(Disk disk, String export) {}

    /** One VM of it. */
    public record DrillVm(HeldPoint point, List<DrillDisk> disks) {}

    /** A disk with what is thrown away at the end. */
    record Mounted(HeldPoint point, DrillDisk disk, RecoveryExport export, Scratch scratch) {}

    private final String id;
    private final Subject subject;
    private final Instant started;
    private final List<Mounted> mounted;
    private final DrillEnd end;
    private final AtomicBoolean takenApart = new AtomicBoolean();

    Drill(String id, Subject subject, Instant started, List<Mounted> mounted, DrillEnd end) {
        this.id = id;
        this.subject = subject;
        this.started = started;
        this.mounted = mounted;
        this.end = end;
    }

    public String id() {
        return id;
    }

    /** Whose VMs are drilled, if it is not one VM. */
    public Optional<Name> group() {
        return subject.group();
    }

    /** The point of its VM, or of the first one. */
    public HeldPoint point() {
        return subject.points().getFirst();
    }

    public Instant started() {
        return started;
    }

    /** In the order in which they are to be started. */
    public List<DrillVm> vms() {
        return subject.points().stream()
                .map(point -> new DrillVm(
                        point,
                        mounted.stream()
                                .filter(each -> each.point().equals(point))
                                .map(Mounted::disk)
                                .toList()))
                .toList();
    }

    /** Those of all its VMs. */
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

    Subject subject() {
        return subject;
    }

    List<Mounted> mounted() {
        return mounted;
    }

    DrillEnd end() {
        return end;
    }
}
