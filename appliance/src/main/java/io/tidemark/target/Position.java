package io.tidemark.target;

import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A sequence up to which a target has everything, and what was true there. Never changed.
 *
 * @param timeNanos when the last record was appended at the source: a label
 * @param ledger only to be read
 * @param open streams that have changed behind the last end of an epoch: any, for those that keep order, since all of them are as of one
 *     sequence; else their own copy's
 */
record Position(Sequence at, long timeNanos, Ledger ledger, Set<StreamId> open) {

    /** Before the first record. */
    static final Position START = new Position(Sequence.NONE, 0, new Ledger(), Set.of());

    /** The position once these records, which follow, have been done. */
    Position after(List<JournalRecord> records) {
        Ledger next = new Ledger(ledger.document(), ledger.vms());
        Set<StreamId> nextOpen = new HashSet<>(open);
        for (JournalRecord record : records) {
            switch (record.entry()) {
                case Entry.Data data -> nextOpen.add(data.stream());
                case Entry.Control control -> {
                    next.apply(new Mark(record.sequence(), record.timeNanos(), control));
                    end(control, next, nextOpen);
                }
            }
        }
        nextOpen.removeIf(stream -> next.vmOf(stream).isEmpty());
        JournalRecord last = records.getLast();
        return new Position(last.sequence(), last.timeNanos(), next, Set.copyOf(nextOpen));
    }

    private static void end(Entry.Control control, Ledger ledger, Set<StreamId> open) {
        if (control instanceof Entry.CopyEnd copied) {
            open.remove(copied.stream());
        }
        if (control.endsEpoch()) {
            open.removeIf(stream -> ledger.vmOf(stream)
                    .flatMap(vm -> vm.disk(stream))
                    .filter(disk -> disk.attachMode().keepsOrder())
                    .isPresent());
        }
    }

    /** Whether the disks of a VM are a consistent point of it here. */
    Standing standing(Vm vm) {
        return switch (ledger.standing(vm)) {
            case Standing.Inconsistent inconsistent -> inconsistent;
            case Standing.Consistent consistent ->
                vm.disks().stream()
                        .filter(disk -> open.contains(disk.id()))
                        .findFirst()
                        .map(Position::unfinished)
                        .orElse(consistent);
        };
    }

    private static Standing unfinished(Disk disk) {
        return new Standing.Inconsistent("disk " + disk.name()
                + (disk.attachMode().keepsOrder()
                        ? ": in the middle of an epoch"
                        : ": the source copies what has changed since, in any order"));
    }
}
