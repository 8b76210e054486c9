package io.tidemark.sim;

import io.tidemark.intake.LifeBefore;
import io.tidemark.journal.DiskModel;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.StreamId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Every record the source's journal has ever kept, and what each disk held after each of them. */
final class History {

    private final List<Entry> entries = new ArrayList<>();
    private final Map<StreamId, TreeMap<Sequence, byte[]>> disks = new HashMap<>();
    private final Map<StreamId, TreeMap<Sequence, Epoch>> epochs = new HashMap<>();

    Sequence last() {
        return new Sequence(entries.size());
    }

    Entry at(Sequence sequence) {
        return entries.get((int) sequence.number() - 1);
    }

    void add(JournalRecord record) {
        Violation.unless(
                record.sequence().equals(last().next()),
                "I2",
                () -> "record " + record.sequence() + " was appended behind " + last());
        Entry entry = record.entry();
        entries.add(entry);
        if (entry instanceof Entry.Data data) {
            change(record.sequence(), data);
        }
        epochOf(entry).ifPresent(epoch -> grow(record.sequence(), streamOf(entry), epoch));
    }

    /** The disk does not begin with zeroes. */
    void begin(StreamId stream, byte[] bytes) {
        disks.computeIfAbsent(stream, id -> new TreeMap<>()).put(Sequence.NONE, bytes.clone());
    }

    /** A power cut: what is behind {@code last} has never been. */
    void forgetBehind(Sequence last) {
        entries.subList((int) last.number(), entries.size()).clear();
        disks.values().forEach(states -> states.tailMap(last, false).clear());
        epochs.values().forEach(ends -> ends.tailMap(last, false).clear());
    }

    /** How the life before ended, as the journal tells it. */
    LifeBefore lifeBefore(UUID boot) {
        if (entries.isEmpty() || entries.getLast() instanceof Entry.Closed) {
            return LifeBefore.ENDED_CLEANLY;
        }
        return entries.stream()
                        .filter(Entry.Opened.class::isInstance)
                        .map(Entry.Opened.class::cast)
                        .reduce((earlier, later) -> later)
                        .filter(opened -> opened.boot().equals(boot))
                        .isPresent()
                ? LifeBefore.PROCESS_DIED
                : LifeBefore.MACHINE_DIED;
    }

    /** What the disk holds once everything up to the sequence was done to it. */
    byte[] diskAt(StreamId stream, Sequence sequence, int size) {
        return Optional.ofNullable(disks.get(stream))
                .map(states -> states.floorEntry(sequence))
                .map(Map.Entry::getValue)
                .orElseGet(() -> new byte[size]);
    }

    private void change(Sequence at, Entry.Data data) {
        DiskModel model = new DiskModel(GuestDisk.BLOCKS * Op.BLOCK);
        System.arraycopy(diskAt(data.stream(), at, model.bytes().length), 0, model.bytes(), 0, model.bytes().length);
        byte[] before = model.bytes().clone();
        model.apply(data);
        Violation.unless(
                data.shipping() != Shipping.COPIED || Arrays.equals(before, model.bytes()),
                "I3",
                () -> "the copy at record " + at + " is not what the disk holds there");
        disks.computeIfAbsent(data.stream(), id -> new TreeMap<>()).put(at, model.bytes());
    }

    /** Epochs only grow: an epoch that has ended gets no other record. */
    private void grow(Sequence at, StreamId stream, Epoch epoch) {
        TreeMap<Sequence, Epoch> known = epochs.computeIfAbsent(stream, id -> new TreeMap<>());
        Map.Entry<Sequence, Epoch> before = known.lastEntry();
        if (before != null) {
            boolean ended = at(before.getKey()) instanceof Entry.Flush || at(before.getKey()) instanceof Entry.CopyEnd;
            int order = epoch.compareTo(before.getValue());
            Violation.unless(
                    ended ? order > 0 : order >= 0,
                    "I4",
                    () -> "record " + at + " of epoch " + epoch + " comes behind " + before);
        }
        known.put(at, epoch);
    }

    private static Optional<Epoch> epochOf(Entry entry) {
        return switch (entry) {
            case Entry.Data data -> Optional.of(data.epoch());
            case Entry.Flush flush -> Optional.of(flush.epoch());
            case Entry.CopyBegin begin -> Optional.of(begin.epoch());
            case Entry.CopyEnd end -> Optional.of(end.epoch());
            case Entry.Control other -> Optional.empty();
        };
    }

    private static StreamId streamOf(Entry entry) {
        return switch (entry) {
            case Entry.Data data -> data.stream();
            case Entry.Flush flush -> flush.stream();
            case Entry.CopyBegin begin -> begin.stream();
            case Entry.CopyEnd end -> end.stream();
            case Entry.Control other -> throw new IllegalArgumentException("no stream in " + other);
        };
    }
}
