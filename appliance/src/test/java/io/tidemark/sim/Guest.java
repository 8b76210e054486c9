package io.tidemark.sim;

import io.tidemark.journal.StreamId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** A guest: its disks as it knows them, and whether it runs. */
final class Guest {

    private final Map<StreamId, GuestDisk> disks = new LinkedHashMap<>();
    private Vm vm;
    private boolean registered;
    private boolean ended;
    private int pauses;
    private int redefinitions;

    Guest(Vm vm) {
        this.vm = vm;
        vm.disks().forEach(disk -> disks.put(disk.id(), new GuestDisk(disk)));
    }

    Vm vm() {
        return vm;
    }

    /** Its policies are being changed: until that is answered, either may hold. */
    void redefining() {
        redefinitions++;
    }

    /** It is so: what is new can be used. */
    List<GuestDisk> redefine(Vm changed) {
        List<GuestDisk> added = new ArrayList<>();
        for (Disk disk : changed.disks()) {
            if (!disks.containsKey(disk.id())) {
                GuestDisk known = new GuestDisk(disk);
                disks.put(disk.id(), known);
                added.add(known);
            }
        }
        vm = changed;
        redefinitions--;
        return added;
    }

    /** How many disks it has ever had. */
    int disksEver() {
        return disks.size();
    }

    boolean isBeingRedefined() {
        return redefinitions > 0;
    }

    Iterable<GuestDisk> disks() {
        return disks.values();
    }

    GuestDisk disk(Disk disk) {
        return java.util.Objects.requireNonNull(disks.get(disk.id()));
    }

    /** Whether there is nothing that a point would have to hold. */
    boolean hasDoneNothing() {
        return disks.values().stream().allMatch(disk -> IntStream.range(0, GuestDisk.BLOCKS)
                .allMatch(block -> disk.oldestAllowed(block, false) == GuestDisk.NEW));
    }

    boolean runs() {
        return registered && !ended && pauses == 0;
    }

    boolean protectedNow() {
        return registered && !ended;
    }

    void register() {
        registered = true;
    }

    /** It is protected no longer. */
    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    void pause() {
        pauses++;
    }

    void goOn() {
        pauses--;
    }

    /**
     * What the guest knows to come before something these disks hold, and they do not hold: a crash of the guest never leaves that.
     */
    Optional<String> missing(Map<StreamId, byte[]> bytes) {
        long newest = 0;
        for (GuestDisk disk : disks.values()) {
            byte[] held = bytes.get(disk.disk().id());
            for (int block = 0; held != null && block < GuestDisk.BLOCKS; block++) {
                int at = disk.find(block, held);
                if (at == GuestDisk.UNKNOWN) {
                    return Optional.of(
                            "block " + block + " of " + disk.disk().name() + " holds what was never written");
                }
                if (at >= 0 && disk.block(block).get(at).kind == Op.Kind.WRITE) {
                    newest = Math.max(newest, disk.block(block).get(at).issued);
                }
            }
        }
        for (GuestDisk disk : disks.values()) {
            byte[] held = bytes.get(disk.disk().id());
            for (int block = 0; held != null && block < GuestDisk.BLOCKS; block++) {
                Optional<Op> lost = firstMissing(disk, block, held, newest);
                if (lost.isPresent()) {
                    long before = newest;
                    return lost.map(op -> op + ", done at " + op.done + ", before what was asked for at " + before);
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Op> firstMissing(GuestDisk disk, int block, byte[] held, long before) {
        var ops = disk.block(block);
        return ops.subList(disk.find(block, held) + 1, ops.size()).stream()
                .filter(op -> op.done > 0 && op.done < before)
                .findFirst();
    }
}
