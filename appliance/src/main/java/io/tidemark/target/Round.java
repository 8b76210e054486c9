package io.tidemark.target;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Piece;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What brings a target from one position to a later one: for each disk what is written, in any order, since nothing of it overlaps.
 *
 * <p>A disk that is new begins as zeroes, and so does what one has grown by, whatever its export held.
 */
record Round(Position to, Map<StreamId, List<Piece>> pieces) {

    /**
     * Merges records that follow a position.
     *
     * @param gone disks that are known to go later: nothing is written for them
     */
    static Round of(Position from, List<JournalRecord> records, Set<StreamId> gone) {
        Position to = from.after(records);
        Map<StreamId, Merged> merged = new LinkedHashMap<>();
        for (Vm vm : to.ledger().vms()) {
            for (Disk disk : vm.disks()) {
                if (!gone.contains(disk.id())) {
                    Merged changes = new Merged();
                    merged.put(disk.id(), changes);
                    long before = from.ledger()
                            .vmOf(disk.id())
                            .flatMap(known -> known.disk(disk.id()))
                            .map(Disk::sizeBytes)
                            .orElse(0L);
                    if (before < disk.sizeBytes()) {
                        changes.zero(Extent.between(before, disk.sizeBytes()));
                    }
                }
            }
        }
        for (JournalRecord record : records) {
            if (record.entry() instanceof Entry.Data data) {
                Merged changes = merged.get(data.stream());
                if (changes != null) {
                    changes.add(data);
                }
            }
        }
        Map<StreamId, List<Piece>> pieces = new LinkedHashMap<>();
        merged.forEach((stream, changes) -> {
            List<Piece> all = changes.pieces();
            if (!all.isEmpty()) {
                pieces.put(stream, all);
            }
        });
        return new Round(to, pieces);
    }

    /** Whether the target has nothing to do for it. */
    boolean isEmpty() {
        return pieces.isEmpty();
    }
}
