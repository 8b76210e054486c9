package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.List;

/** What the end of the life before means for the streams: to be recorded before any client is let in. Decisions only. */
final class Aftermath {

    private Aftermath() {}

    /**
     * The records for one stream of a VM.
     *
     * <p>When the machine died, a guest with one disk whose acknowledged writes may be lost must be restarted, and so all its disks wait: its
     * other disks would go on, and make points, as if those writes had been made.
     */
    static List<Entry.Control> of(LifeBefore lifeBefore, Vm vm, Stream stream, StreamState state) {
        List<Entry.Control> entries = new ArrayList<>();
        boolean wasWithUs =
                switch (state.intake()) {
                    case IntakeState.InSync inSync -> true;
                    case IntakeState.Copying copying -> true;
                    case IntakeState.Empty empty -> false;
                    case IntakeState.Suspect suspect -> false;
                };
        if (stream.disk().attachMode().hidesGaps()) {
            if (wasWithUs) {
                entries.add(new Entry.Gap(stream.id(), stream.evidence(), "the appliance was not running"));
            }
        } else if (lifeBefore == LifeBefore.MACHINE_DIED
                && vm.disks().stream().anyMatch(disk -> disk.acknowledge() == AckPolicy.JOURNALED)
                && !state.awaitsRestart()) {
            entries.add(new Entry.AwaitRestart(stream.id()));
        }
        return entries;
    }
}
