package io.tidemark.replica;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.View;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volumes;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The disks of a replica at one sequence, for as long as something keeps the floor from passing it. Any thread.
 *
 * @param view the journal up to it
 * @param volumes what is below that
 * @param applied records up to here can be read from the volumes
 * @param behind what is known of the records behind it
 */
public record PointView(View view, Volumes volumes, Supplier<Sequence> applied, Behind behind) {

    /** What has come behind a sequence by now. Any thread. */
    public interface Behind {

        /** The newest record of each stream, as far as it proves that its source was there; perhaps from before the sequence. */
        Map<StreamId, Tail> tails();
    }

    static PointView of(Journal journal, Volumes volumes, Supplier<Sequence> applied, Sequence at) {
        return new PointView(journal.at(at), volumes, applied, journal::tails);
    }

    /** Takes an extent of a disk apart; what is in none of the records is in the disk's volume. */
    public Resolved resolve(StreamId stream, Extent extent) {
        return view.resolve(stream, extent, applied.get());
    }

    /** The newest record of any of the VM's disks that the journal has, whatever the sequence. */
    public Sequence last(Vm vm) {
        Map<StreamId, Tail> known = behind.tails();
        return vm.disks().stream()
                .flatMap(disk -> Optional.ofNullable(known.get(disk.id())).stream())
                .map(Tail::last)
                .reduce(Sequence.NONE, Sequence::later);
    }
}
