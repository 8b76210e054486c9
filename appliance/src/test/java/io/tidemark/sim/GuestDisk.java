package io.tidemark.sim;

import io.tidemark.journal.Sequence;
import io.tidemark.vm.Disk;
import java.util.ArrayList;
import java.util.List;

/** What a guest knows of one of its disks: what it has written to each block, in order. */
final class GuestDisk {

    /** As large as it ever becomes. */
    static final int BLOCKS = 8;

    /** As large as some are when they are new. */
    static final int FEW_BLOCKS = 3;

    /** The block is as it was when the disk was new. */
    static final int NEW = -1;

    /** The block holds what was never written to it. */
    static final int UNKNOWN = -2;

    private final Disk disk;
    private boolean ended;
    private final List<List<Op>> blocks = new ArrayList<>();

    GuestDisk(Disk disk) {
        this.disk = disk;
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(new ArrayList<>());
        }
    }

    Disk disk() {
        return disk;
    }

    /** The guest does without it from now on. */
    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    void issue(Op op) {
        for (int i = op.block; i < op.block + op.count; i++) {
            blocks.get(i).add(op);
        }
    }

    /** All that was done to a block, in order. */
    List<Op> block(int number) {
        return blocks.get(number);
    }

    /** The newest operation that can have left these bytes in the block. */
    int find(int block, byte[] bytes) {
        List<Op> ops = blocks.get(block);
        for (int i = ops.size() - 1; i >= 0; i--) {
            if (ops.get(i).left(block, bytes)) {
                return i;
            }
        }
        for (int i = block * Op.BLOCK; i < (block + 1) * Op.BLOCK; i++) {
            if (bytes[i] != 0) {
                return UNKNOWN;
            }
        }
        return NEW;
    }

    /** The newest operation that a disk must show: the last that the guest was told is done, or that a reply has promised. */
    int oldestAllowed(int block, boolean promisedOnly) {
        List<Op> ops = blocks.get(block);
        for (int i = ops.size() - 1; i >= 0; i--) {
            if (ops.get(i).promised || (!promisedOnly && ops.get(i).done > 0)) {
                return i;
            }
        }
        return NEW;
    }

    /** The operations that the guest was told are done, and that no reply has promised to survive. */
    List<Op> unpromised() {
        return blocks.stream()
                .flatMap(List::stream)
                .filter(op -> op.done > 0 && !op.promised)
                .toList();
    }

    /** The disk shows these bytes: as new as it must be, and nothing that never was (I1). */
    void check(byte[] bytes, boolean promisedOnly, String name) {
        for (int i = 0; i < BLOCKS; i++) {
            int block = i;
            int found = find(block, bytes);
            int oldest = oldestAllowed(block, promisedOnly);
            Violation.unless(
                    found != UNKNOWN && found >= oldest,
                    "I1",
                    () -> name + " block " + block + " shows operation " + found + " of " + blocks.get(block) + ", not "
                            + oldest + (promisedOnly ? ", which was promised" : ""));
        }
    }

    /** The guest was restarted and has seen these bytes: what came after them has never been. */
    void restartedWith(byte[] bytes) {
        for (int i = 0; i < BLOCKS; i++) {
            List<Op> ops = blocks.get(i);
            int at = find(i, bytes);
            ops.subList(Math.max(0, at + 1), ops.size()).clear();
            ops.forEach(op -> op.record = Sequence.NONE); // of an earlier life, and durable
        }
    }
}
