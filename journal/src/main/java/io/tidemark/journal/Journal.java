package io.tidemark.journal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * The ordered, durable log of the streams that go to one peer (docs/journal.md).
 *
 * <p>After any crash it recovers to a contiguous prefix of its sequences that holds at least everything up to the last
 * sequence reported as durable (I2). One thread, the owner, appends; all other methods may be called from any thread
 * unless they say otherwise. After a failed force or an unreadable page every method that needs the storage throws a
 * {@link Fault}, for good.
 */
public interface Journal extends AutoCloseable {

    JournalId id();

    /** The life this journal was opened for. */
    Incarnation incarnation();

    /** Every life still on disk with the sequence of its first record, oldest first. */
    List<Life> lives();

    /** A life of the journal. */
    record Life(Incarnation incarnation, Sequence first) {}

    /** The sequence before the oldest record still kept. */
    Sequence trimmed();

    /** The newest record; ordered and readable, not yet durable. */
    Sequence appended();

    /** Everything up to here survives a power cut. Never ahead of {@link #appended}, never moves back. */
    Sequence durable();

    /**
     * Appends a record. Owner only.
     *
     * <p>On {@link AppendOutcome.Appended} the record is ordered behind all before it and visible to reads, its payload
     * is copied, and it survives the death of the process; a power cut may lose it until {@link #durable} has reached
     * it. On any other outcome nothing has changed. {@link Entry.Control} finds room where {@link Entry.Data} no longer
     * does.
     */
    AppendOutcome append(Entry entry);

    /**
     * Appends a range under its own sequences. Owner only; for a replica's journal.
     *
     * <p>Checks that it follows the last one and that each of its records is whole, before anything is changed: an
     * {@link InvalidRange} otherwise. After a crash all of it is there, or nothing.
     */
    AppendOutcome appendRange(Range range) throws InvalidRange;

    /**
     * Runs {@code then} on the owner once everything up to {@code sequence} is durable, and sees to it that it soon is.
     * Owner only. Waiters of all streams share a force. If {@link #onFault} runs first, {@code then} never does; if it has run, this
     * is a {@link Fault}. So who waits is told one thing, once, though a force may fail between an append and this.
     */
    void whenDurable(Sequence sequence, Runnable then);

    /** Runs {@code then} on the owner, once, when an append that had no room is worth repeating. Owner only. */
    void whenRoom(Runnable then);

    /** Runs on the owner each time the journal has taken more room: a record has begun another segment. Owner only. */
    void onGrowth(Runnable listener);

    /** Runs on the owner after each advance of {@link #durable}. */
    void onDurable(Consumer<Sequence> listener);

    /** Runs once, on the owner, if the journal fails. */
    void onFault(Consumer<Fault> listener);

    /** The fault that ended this journal, if any. */
    Optional<Fault> fault();

    /** Reads on from behind {@code after}, which must not be before {@link #trimmed}. */
    Cursor cursor(Sequence after);

    /** The checksum of a record that is still here, as in its header: what two sites compare before they go on. */
    int checksum(Sequence sequence);

    /** Keeps the records behind {@code upTo}. */
    Hold hold(String name, Sequence upTo);

    /** The holds there are, for people. */
    List<Hold> holds();

    /** A view of everything appended, as it is at each call. Owner only, and so is what it resolves. */
    View latest();

    /**
     * A view of the records up to {@code upTo}, which must be durable; it never changes and serves any thread. May read
     * from the disk.
     */
    View at(Sequence upTo);

    /** The control records in {@code (after, upTo]}, in order; both must lie between {@link #trimmed} and {@link #durable}. */
    void marks(Sequence after, Sequence upTo, Consumer<Mark> reader);

    /**
     * Visits extents that cover at least every change of the stream in {@code (after, upTo]}, in no order; both must lie between
     * {@link #trimmed} and {@link #durable}. Reads indexes only. Any thread.
     */
    void touched(StreamId stream, Sequence after, Sequence upTo, Consumer<Extent> visitor);

    /**
     * Takes the records in {@code (after, upTo]} apart into consecutive parts, the oldest first, and tells the last record and the bytes
     * of each, not counting the payloads of control records; both must lie between {@link #trimmed} and {@link #durable}. Reads indexes
     * only. Any thread.
     */
    void parts(Sequence after, Sequence upTo, ObjLongConsumer<Sequence> visitor);

    /** The end of each stream, as far as the records here tell it. */
    Map<StreamId, Tail> tails();

    Usage usage();

    /**
     * Ends this life. Owner only. When it returns, everything appended is durable and, if {@code clean}, the record
     * {@link Entry.Closed} is the last; if that fails it is a {@link Fault}. A journal that had failed before is just
     * given up. Nothing is deleted for the sake of a hold any more.
     */
    void close(boolean clean);

    @Override
    default void close() {
        close(true);
    }
}
