package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.vm.Disk;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.util.ArrayList;
import java.util.List;

/**
 * The records that a new lineage begins with: they tell a replica that has nothing what went before them, and that every disk is being copied
 * (docs/protocol.md, section 5). Decisions only; the owner's.
 *
 * <p>The copy of the ship side begins first, so that no record that follows makes a point.
 */
final class NewLineage {

    private final Streams streams;
    private final ReplicaCopies copies;

    NewLineage(Streams streams, ReplicaCopies copies) {
        this.streams = streams;
        this.copies = copies;
    }

    /**
     * Begins a lineage. The answer is done at the sequence before its first record.
     *
     * @param life this life of the journal: what comes first, so that the replica can say whose records it has
     * @param rolledBack whether this site may have lost writes that it had: then no disk can be trusted whose source went on
     */
    Decision begin(Entry.Opened life, boolean rolledBack) {
        List<Entry.Control> records = new ArrayList<>(List.of(life));
        for (Vm vm : streams.ledger().vms()) {
            records.add(new Entry.VmDefined(vm.id(), VmDocument.write(vm)));
            for (Disk disk : vm.disks()) {
                streams.find(disk.id()).ifPresent(stream -> records.addAll(of(stream, rolledBack)));
            }
        }
        return new Decision.Append(
                records,
                () -> streams.all().forEach(stream -> begun(stream, records)),
                last -> new Registration.Done(new Sequence(last.number() - records.size())));
    }

    private List<Entry.Control> of(Stream stream, boolean rolledBack) {
        List<Entry.Control> records = new ArrayList<>();
        StreamState state = streams.state(stream);
        records.add(new Entry.CopyBegin(stream.id(), stream.epoch(), Side.SHIP));
        boolean mayLack = rolledBack && stream.disk().attachMode().hidesGaps();
        switch (state.intake()) {
            case IntakeState.Empty empty -> {}
            case IntakeState.Copying copying -> {
                records.add(new Entry.CopyBegin(stream.id(), stream.epoch(), Side.INTAKE));
                if (mayLack) {
                    records.add(rolledBack(stream));
                }
            }
            case IntakeState.InSync inSync -> {
                if (stream.disk().attachMode().beginsWithACopy()) {
                    records.add(copied(stream));
                }
                if (mayLack) {
                    records.add(rolledBack(stream));
                }
            }
            case IntakeState.Suspect suspect -> {
                records.add(copied(stream));
                records.add(new Entry.Gap(stream.id(), suspect.since(), suspect.reason()));
            }
        }
        if (state.awaitsRestart()) {
            records.add(new Entry.AwaitRestart(stream.id()));
        }
        return records;
    }

    private void begun(Stream stream, List<Entry.Control> records) {
        stream.exposure()
                .withdraw(
                        Sequence.NONE); // what is in no point of the replica yet will be in none of this lineage's soon
        if (records.contains(copied(stream))) {
            stream.endEpoch();
        }
        if (records.stream()
                .anyMatch(record ->
                        record instanceof Entry.Gap gap && gap.stream().equals(stream.id()))) {
            stream.gapRecorded();
        }
        copies.begin(stream);
    }

    private static Entry.CopyEnd copied(Stream stream) {
        return new Entry.CopyEnd(stream.id(), stream.epoch(), Side.INTAKE);
    }

    private static Entry.Gap rolledBack(Stream stream) {
        return Gaps.gap(stream, "this site was rolled back: writes that it had taken are gone");
    }
}
