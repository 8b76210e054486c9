package io.tidemark.intake;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.util.List;
import java.util.Optional;

/**
 * Where epochs end: at a guest's flush, and at a timed cut for every stream whose attach mode keeps order. The owner's.
 *
 * <p>An epoch without a record does not end: a point there would be the one before.
 */
final class Epochs {

    private final Controls controls;
    private final Streams streams;

    Epochs(Controls controls, Streams streams) {
        this.controls = controls;
        this.streams = streams;
    }

    /** The source flushed; false when there is no room to say so. */
    boolean flush(Stream stream) {
        boolean isHere = streams.find(stream.id()).isPresent();
        if (!isHere || !stream.disk().attachMode().flushIsTheGuests() || !stream.epochIsOpen()) {
            return true;
        }
        Optional<Sequence> at = controls.append(new Entry.Flush(stream.id(), stream.epoch()));
        at.ifPresent(sequence -> {
            stream.endEpoch();
            stream.witnessed(sequence);
            streams.pointAt(sequence, stream);
        });
        return at.isPresent();
    }

    /** The timer: one record ends the open epochs of all streams that keep order. */
    void cut() {
        List<Stream> open = open();
        if (!open.isEmpty()) {
            cut(open);
        }
    }

    /** As the timer does, also where no epoch is open; a VM that is never cut is not. */
    void cutAnyway(Vm vm) {
        if (keepsOrder(vm)) {
            cut(open());
        }
    }

    private List<Stream> open() {
        return streams.all().stream()
                .filter(stream ->
                        stream.epochIsOpen() && stream.disk().attachMode().keepsOrder())
                .toList();
    }

    /** Where there is no room for it now, the timer does it. */
    private void cut(List<Stream> open) {
        controls.append(new Entry.Cut()).ifPresent(sequence -> {
            open.forEach(Stream::endEpoch);
            streams.ledger().vms().stream().filter(Epochs::keepsOrder).forEach(vm -> streams.pointAt(sequence, vm));
        });
    }

    private static boolean keepsOrder(Vm vm) {
        return vm.disks().stream().map(Disk::attachMode).anyMatch(AttachMode::keepsOrder);
    }
}
