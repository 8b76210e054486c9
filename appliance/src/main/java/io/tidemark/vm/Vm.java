package io.tidemark.vm;

import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A protected virtual machine: its disks, and what it takes to start it elsewhere. {@link VmDocument} has its form on disk.
 *
 * @param group the one that it belongs to, if it does
 * @param clients who may open its disks
 */
public record Vm(
        VmId id,
        Name name,
        List<Disk> disks,
        Definition definition,
        Optional<Membership> group,
        Priority priority,
        Clients clients) {

    public static final int DISKS_MAX = 256;

    public Vm {
        disks = List.copyOf(disks);
        if (disks.isEmpty() || disks.size() > DISKS_MAX) {
            throw new IllegalArgumentException("a VM has 1 to " + DISKS_MAX + " disks, not " + disks.size());
        }
        Set<Name> names = new HashSet<>();
        for (Disk disk : disks) {
            if (!names.add(disk.name())) {
                throw new IllegalArgumentException("two disks are called " + disk.name());
            }
        }
    }

    /** One that belongs to no group, goes neither before others nor behind them, and is for any client. */
    public Vm(VmId id, Name name, List<Disk> disks, Definition definition) {
        this(id, name, disks, definition, Optional.empty(), Priority.NORMAL, Clients.ANYONE);
    }

    /** The same VM on other disks. */
    public Vm on(List<Disk> others) {
        return new Vm(id, name, others, definition, group, priority, clients);
    }

    /** The same VM in a group, in another one, or in none. */
    public Vm in(Optional<Membership> other) {
        return new Vm(id, name, disks, definition, other, priority, clients);
    }

    /** The same VM with this priority. */
    public Vm with(Priority other) {
        return new Vm(id, name, disks, definition, group, other, clients);
    }

    /** The same VM for other clients. */
    public Vm of(Clients others) {
        return new Vm(id, name, disks, definition, group, priority, others);
    }

    public boolean isIn(Name other) {
        return group.filter(known -> known.name().equals(other)).isPresent();
    }

    public Optional<Disk> disk(Name disk) {
        return disks.stream().filter(each -> each.name().equals(disk)).findFirst();
    }

    public Optional<Disk> disk(StreamId stream) {
        return disks.stream().filter(each -> each.id().equals(stream)).findFirst();
    }

    /** Whether its disks are those of the other one, whatever else has changed. */
    public boolean hasDisksOf(Vm other) {
        return ids().equals(other.ids());
    }

    /** Whether its disks are those of the other one, and as large. */
    public boolean isShapedLike(Vm other) {
        return hasDisksOf(other)
                && disks.stream()
                        .allMatch(disk -> other.disk(disk.id()).orElseThrow().sizeBytes() == disk.sizeBytes());
    }

    /** Whether it has a disk of the other one: else it is the same VM another time, or a different one. */
    public boolean sharesDisksWith(Vm other) {
        return disks.stream().anyMatch(disk -> other.has(disk.id()));
    }

    /** Its disks that the other one has not. */
    public List<Disk> disksNotIn(Vm other) {
        return disks.stream().filter(disk -> !other.has(disk.id())).toList();
    }

    private Set<StreamId> ids() {
        return disks.stream().map(Disk::id).collect(Collectors.toSet());
    }

    public boolean has(StreamId stream) {
        return disk(stream).isPresent();
    }
}
