package io.tidemark.intake;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.Usage;
import io.tidemark.journal.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/** A journal that has as much room as the test says. */
final class Narrow implements Journal {

    /** What there is room for. */
    enum Room {
        /** Everything. */
        PLENTY,
        /** Nothing at the moment. */
        NOT_READY,
        /** Control records only. */
        FULL,
        /** Nothing, for long. */
        FULL_TO_THE_END,
        /** Appending breaks the journal. */
        BROKEN
    }

    Room room = Room.PLENTY;
    Usage usage = new Usage(0, 0, 100, 100, 0, 1);
    int forcesAsked;

    private final Journal below;
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<Consumer<Fault>> faultListeners = new ArrayList<>();
    private Optional<Fault> fault = Optional.empty();

    Narrow(Journal below) {
        this.below = below;
    }

    /** There is plenty of room from now on, and those who wait for it hear of it. */
    void widen() {
        room = Room.PLENTY;
        wake();
    }

    /** Those who wait for room may look again. */
    void wake() {
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }

    /** The storage has failed. */
    void fail() {
        Fault cause = new Fault("the disk is gone");
        fault = Optional.of(cause);
        faultListeners.forEach(listener -> listener.accept(cause));
    }

    @Override
    public AppendOutcome append(Entry entry) {
        return switch (room) {
            case PLENTY -> below.append(entry);
            case NOT_READY -> new AppendOutcome.NotReady();
            case FULL ->
                entry instanceof Entry.Control
                        ? below.append(entry)
                        : new AppendOutcome.Full(AppendOutcome.Limit.QUOTA);
            case FULL_TO_THE_END -> new AppendOutcome.Full(AppendOutcome.Limit.RESERVE);
            case BROKEN -> throw new Fault("the disk is gone");
        };
    }

    @Override
    public void whenRoom(Runnable then) {
        waiting.add(then);
    }

    @Override
    public void whenDurable(Sequence sequence, Runnable then) {
        if (fault.isEmpty()) {
            forcesAsked++;
            below.whenDurable(sequence, then);
        }
    }

    @Override
    public void onFault(Consumer<Fault> listener) {
        faultListeners.add(listener);
    }

    @Override
    public Optional<Fault> fault() {
        return fault.or(below::fault);
    }

    @Override
    public Usage usage() {
        return usage;
    }

    @Override
    public JournalId id() {
        return below.id();
    }

    @Override
    public Incarnation incarnation() {
        return below.incarnation();
    }

    @Override
    public List<Life> lives() {
        return below.lives();
    }

    @Override
    public Sequence trimmed() {
        return below.trimmed();
    }

    @Override
    public Sequence appended() {
        return below.appended();
    }

    @Override
    public Sequence durable() {
        return below.durable();
    }

    @Override
    public AppendOutcome appendRange(Range range) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void onGrowth(Runnable listener) {
        below.onGrowth(listener);
    }

    @Override
    public void onDurable(Consumer<Sequence> listener) {
        below.onDurable(listener);
    }

    @Override
    public Cursor cursor(Sequence after) {
        return below.cursor(after);
    }

    @Override
    public int checksum(Sequence sequence) {
        return below.checksum(sequence);
    }

    @Override
    public Hold hold(String name, Sequence upTo) {
        return below.hold(name, upTo);
    }

    @Override
    public List<Hold> holds() {
        return below.holds();
    }

    @Override
    public View latest() {
        return below.latest();
    }

    @Override
    public View at(Sequence upTo) {
        return below.at(upTo);
    }

    @Override
    public void marks(Sequence after, Sequence upTo, Consumer<Mark> reader) {
        below.marks(after, upTo, reader);
    }

    @Override
    public void touched(StreamId stream, Sequence after, Sequence upTo, Consumer<Extent> visitor) {
        below.touched(stream, after, upTo, visitor);
    }

    @Override
    public void parts(Sequence after, Sequence upTo, ObjLongConsumer<Sequence> visitor) {
        below.parts(after, upTo, visitor);
    }

    @Override
    public Map<StreamId, Tail> tails() {
        return below.tails();
    }

    @Override
    public void close(boolean clean) {
        below.close(clean);
    }
}
