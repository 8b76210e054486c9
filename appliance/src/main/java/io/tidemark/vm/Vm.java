package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** A protected virtual machine: its disks, and what it takes to start it elsewhere. */
public record Vm(
        @JsonProperty("id") VmId id,
        @JsonProperty("name") Name name,
        @JsonProperty("disks") List<Disk> disks,
        @JsonProperty("definition") Definition definition) {

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

    private Set<StreamId> ids() {
        return disks.stream().map(Disk::id).collect(Collectors.toSet());
    }

    public boolean has(StreamId stream) {
        return disk(stream).isPresent();
    }
}
