package io.tidemark.intake;

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
import java.util.function.Function;

/**
 * Records that tell a replica which lacks those before what they said: the VMs, and how each of their disks stands. Here they change nothing
 * but that the replica is out of step. The owner's.
 *
 * <p>The ship side of a disk is out of step before its other records, so that none of them makes a point.
 */
final class Restatement {

    private final Streams streams;
    private final boolean rolledBack;
    private final List<Entry.Control> records = new ArrayList<>();

    /**
     * @param life this life of the journal: what comes first, so that the replica can say whose records it has
     * @param gone VMs that are not there any more, as far as the replica may know them
     * @param outOfStep what says that the replica does not equal our volume
     * @param rolledBack whether this site may have lost writes that it had: then no disk can be trusted whose source went on
     */
    Restatement(
            Streams streams,
            Entry.Opened life,
            List<Entry.Control> gone,
            Function<Stream, Entry.Control> outOfStep,
            boolean rolledBack) {
        this.streams = streams;
        this.rolledBack = rolledBack;
        records.add(life);
        records.addAll(gone);
        for (Vm vm : streams.ledger().vms()) {
            records.add(new Entry.VmDefined(vm.id(), VmDocument.write(vm)));
            for (Disk disk : vm.disks()) {
                streams.find(disk.id()).ifPresent(stream -> {
                    records.add(outOfStep.apply(stream));
                    restate(stream);
                });
            }
        }
    }

    List<Entry.Control> records() {
        return List.copyOf(records);
    }

    /** All of them were appended. */
    void recorded() {
        streams.all().forEach(this::recorded);
    }

    private void restate(Stream stream) {
        StreamState state = streams.state(stream);
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
                    records.add(copied(stream, inSync.word()));
                }
                if (mayLack) {
                    records.add(rolledBack(stream));
                }
            }
            case IntakeState.Suspect suspect -> {
                records.add(copied(stream, ""));
                records.add(new Entry.Gap(stream.id(), suspect.since(), suspect.reason()));
            }
        }
        if (state.awaitsRestart()) {
            records.add(new Entry.AwaitRestart(stream.id()));
        }
    }

    private void recorded(Stream stream) {
        // What is in no point of the replica yet will be in none until the disk was copied.
        stream.exposure().withdraw(Sequence.NONE);
        if (records.stream()
                .anyMatch(record ->
                        record instanceof Entry.CopyEnd end && end.stream().equals(stream.id()))) {
            stream.endEpoch();
        }
        if (records.stream()
                .anyMatch(record ->
                        record instanceof Entry.Gap gap && gap.stream().equals(stream.id()))) {
            stream.gapRecorded();
        }
    }

    private static Entry.CopyEnd copied(Stream stream, String word) {
        return new Entry.CopyEnd(stream.id(), stream.epoch(), Side.INTAKE, word);
    }

    private static Entry.Gap rolledBack(Stream stream) {
        return Gaps.gap(stream, "this site was rolled back: writes that it had taken are gone");
    }
}
