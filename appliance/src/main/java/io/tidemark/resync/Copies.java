package io.tidemark.resync;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.TimedOwner;
import io.tidemark.link.Comparing;
import io.tidemark.link.Comparison;
import io.tidemark.volume.Digests;
import io.tidemark.volume.DiskReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies streams of a journal to its replica while their clients write: dirty blocks are read as a client would read them, and appended as
 * records, unless a write has passed meanwhile. When nothing is dirty the copy is complete, at one record. The owner's.
 *
 * <p>What the replica says it has already is not appended. It compares behind every record that was shipped of those appended when the blocks were
 * claimed, so what is the same there, and was not written since, stays the same.
 *
 * <p>Copies stand back: at most so much is on its way to the replica, and nothing is appended while clients wait for room.
 */
public final class Copies {

    /**
     * What copies are made of.
     *
     * @param readers threads that may wait for the disk
     * @param applied every record up to here can be read from the volumes
     * @param comparing asks the replica what it has
     * @param shipping whether the replica takes what is appended; else the journal would fill up with copies
     * @param hasRoom whether the journal has room that no client waits for
     */
    public record Parts(
            Journal journal,
            TimedOwner owner,
            Executor readers,
            Supplier<Sequence> applied,
            Comparing comparing,
            BooleanSupplier shipping,
            BooleanSupplier hasRoom,
            LongSupplier nanoTime) {}

    /** What a record costs beside its bytes. */
    private static final int RECORD_BYTES = 512;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

    /** A copy that was appended and is not yet durable at the replica. */
    private record Ahead(Sequence at, long bytes) {}

    /** Blocks that are being read, and what has been read of them. */
    private record Chunk(StreamCopy copy, Claim claim, Extent extent, ByteBuffer bytes) {

        Subject subject() {
            return copy.subject();
        }
    }

    private final Parts parts;
    private final CopySettings settings;
    private final Map<StreamId, StreamCopy> copies = new LinkedHashMap<>();
    private final Deque<StreamCopy> turns = new ArrayDeque<>();
    private final Deque<Ahead> ahead = new ArrayDeque<>(); // bounded by aheadBytesMax
    private final Deque<ByteBuffer> buffers = new ArrayDeque<>(); // bounded by aheadBytesMax
    private final LeftOutTail leftOut = new LeftOutTail();
    private volatile Optional<String> problem = Optional.empty();
    private long aheadBytes;
    private int reads;
    private int comparisons;
    private long notBefore;
    private boolean retrying;
    private boolean waitingForRoom; // until it is tried again: what was read could not be appended
    private boolean closed;

    public Copies(Parts parts, CopySettings settings) {
        this.parts = parts;
        this.settings = settings;
        this.notBefore = parts.nanoTime().getAsLong();
    }

    /** Copies these blocks of the stream, instead of what was being copied of it. */
    public void begin(Subject subject, DirtyBlocks dirty) {
        var unused = end(subject.stream());
        StreamCopy copy = new StreamCopy(subject, dirty);
        copies.put(subject.stream(), copy);
        turns.add(copy);
        parts.owner().execute(this::goOn);
    }

    /** Ends the copy of a stream; what is still dirty of it, if it was being copied. */
    public Optional<DirtyBlocks> end(StreamId stream) {
        StreamCopy copy = copies.remove(stream);
        if (copy == null) {
            return Optional.empty();
        }
        turns.remove(copy);
        return Optional.of(copy.dirty());
    }

    /** What is still dirty now of each stream that is being copied. */
    public Map<StreamId, DirtyBlocks> snapshot() {
        Map<StreamId, DirtyBlocks> all = new LinkedHashMap<>();
        copies.forEach((stream, copy) -> all.put(stream, copy.dirty().copy()));
        return all;
    }

    /** What is dirty of the stream is so on the disk, too: a life to come will copy it if this one does not. */
    public void remembered(StreamId stream) {
        StreamCopy copy = copies.get(stream);
        if (copy != null) {
            copy.remembered();
        }
    }

    /**
     * From now on the stream's changes are not shipped but make dirty what they touch, and nothing of it is copied; or that again. Nothing becomes of it
     * if the stream is not being copied.
     */
    public void track(StreamId stream, boolean on) {
        StreamCopy copy = copies.get(stream);
        if (copy != null) {
            copy.track(on);
            parts.owner().execute(this::goOn);
        }
    }

    /** Whether the changes of a stream are not shipped, whatever they touch. */
    public boolean tracks(StreamId stream) {
        StreamCopy copy = copies.get(stream);
        return copy != null && copy.tracks();
    }

    /** The disk of a stream has grown to this size: the replica lacks nothing of what was added. */
    public void grow(StreamId stream, long sizeBytes) {
        StreamCopy copy = copies.get(stream);
        if (copy != null) {
            copy.dirty().growTo(sizeBytes);
        }
    }

    /** Whether a change need not be shipped, since it touches nothing but what will be copied. */
    public boolean leavesOut(StreamId stream, Extent extent) {
        if (copies.isEmpty()) {
            return false;
        }
        StreamCopy copy = copies.get(stream);
        return copy != null && copy.leavesOut(extent);
    }

    /** A client's change of a stream was appended, just now. */
    public void changed(Entry.Data change) {
        if (!copies.isEmpty()) {
            if (change.shipping() == Shipping.LEFT_OUT) {
                leftOut.add(parts.journal().appended());
            }
            StreamCopy copy = copies.get(change.stream());
            if (copy != null) {
                copy.changed(change);
            }
        }
    }

    /** The replica has everything up to here. */
    public void replicated(Sequence durable) {
        while (!ahead.isEmpty() && !ahead.getFirst().at().isAfter(durable)) {
            aheadBytes -= ahead.removeFirst().bytes();
        }
        goOn();
    }

    /** What is still to be copied of the stream; empty when it is not being copied. */
    public OptionalLong dirtyBytes(StreamId stream) {
        StreamCopy copy = copies.get(stream);
        return copy == null ? OptionalLong.empty() : OptionalLong.of(copy.dirtyBytes());
    }

    /** What keeps a copy from going on; empty while all is well. Any thread. */
    public Optional<String> problem() {
        return problem;
    }

    /** Copies nothing any more. What is being read finds nobody to take it. */
    public void close() {
        closed = true;
        copies.clear();
        turns.clear();
    }

    private void goOn() {
        if (closed || copies.isEmpty() || parts.journal().fault().isPresent()) {
            return;
        }
        if (parts.shipping().getAsBoolean()) {
            boolean more = true;
            while (more && mayRead()) {
                more = readNext();
            }
            completeWhatIs();
        }
        if (!copies.isEmpty() && reads + comparisons == 0) {
            retryLater(); // what it waits for may come without a word: room, or time
        }
    }

    private boolean mayRead() {
        long expected = aheadBytes + (long) (reads + comparisons) * settings.chunkBytes();
        return reads < settings.readsMax()
                && (expected == 0 || expected + settings.chunkBytes() <= settings.aheadBytesMax())
                && parts.nanoTime().getAsLong() - notBefore >= 0
                && parts.hasRoom().getAsBoolean()
                && !waitingForRoom
                && parts.journal().fault().isEmpty(); // what is read then is never appended, and stays dirty
    }

    /** Each stream has its turn; false when none has anything to read. */
    private boolean readNext() {
        for (int i = turns.size(); i > 0; i--) {
            StreamCopy copy = turns.removeFirst();
            turns.addLast(copy);
            if (copy.tracks() || !copy.subject().mayRead().getAsBoolean()) {
                continue;
            }
            Optional<Claim> survey = copy.survey();
            if (survey.isPresent()) {
                survey(copy, survey.get());
                return true;
            }
            Optional<Claim> chunk = copy.chunk(settings.chunkBlocks());
            if (chunk.isPresent()) {
                read(copy, chunk.get());
                return true;
            }
        }
        return false;
    }

    private void survey(StreamCopy copy, Claim claim) {
        fetch(
                copy,
                claim,
                resolved -> holes(resolved, copy.subject()),
                holes -> finish(
                        copy,
                        claim,
                        holes.stream()
                                .allMatch(hole ->
                                        copy.append(claim, hole, extent -> appendHole(copy.subject(), extent)))));
    }

    private static List<Extent> holes(Resolved resolved, Subject subject) throws IOException {
        List<Extent> holes = new ArrayList<>();
        DiskReader.allocation(resolved, subject.volume(), (extent, data) -> {
            if (!data) {
                holes.add(extent);
            }
        });
        return holes;
    }

    private void read(StreamCopy copy, Claim claim) {
        Extent extent = copy.extent(claim);
        Chunk chunk = new Chunk(copy, claim, extent, takeBuffer().limit((int) extent.length()));
        if (parts.comparing().compares() && copy.asks()) {
            Sequence after = leftOut.shipped(parts.journal().appended());
            fetch(
                    copy,
                    claim,
                    resolved -> question(fill(chunk, resolved), after),
                    question -> compare(chunk, question));
        } else {
            fetch(copy, claim, resolved -> fill(chunk, resolved), this::append);
        }
    }

    private static Chunk fill(Chunk chunk, Resolved resolved) throws IOException {
        DiskReader.read(resolved, chunk.subject().volume(), chunk.bytes());
        chunk.bytes().flip();
        return chunk;
    }

    /** @param after all that is shipped up to here is in what was read */
    private static Comparison question(Chunk chunk, Sequence after) {
        return new Comparison(
                chunk.subject().stream(), chunk.extent(), after, Digests.of(chunk.bytes(), DirtyBlocks.BLOCK_BYTES));
    }

    private void compare(Chunk chunk, Comparison comparison) {
        comparisons++;
        var unused = parts.comparing().compare(comparison).whenComplete((equal, failure) -> parts.owner()
                .execute(() -> compared(chunk, failure == null ? equal : Optional.empty())));
    }

    private void compared(Chunk chunk, Optional<BitSet> equal) {
        comparisons--;
        if (equal.isPresent() && takesWhatWasRead(chunk.copy())) {
            chunk.copy().replicaHas(chunk.claim(), equal.get());
            append(chunk);
        } else {
            buffers.add(chunk.bytes().clear());
            chunk.copy().release(chunk.claim());
            retryLater();
        }
    }

    private void append(Chunk chunk) {
        boolean appended = chunk.copy().append(chunk.claim(), chunk.extent(), extent -> appendBytes(chunk, extent));
        buffers.add(chunk.bytes().clear());
        finish(chunk.copy(), chunk.claim(), appended);
    }

    /** What readers do with an extent as it was when it was claimed. */
    @FunctionalInterface
    private interface Reading<T> {
        T from(Resolved resolved) throws IOException;
    }

    /** @param then goes on with what was read, if anybody wants it by then, and releases the claim in the end */
    private <T> void fetch(StreamCopy copy, Claim claim, Reading<T> reading, Consumer<T> then) {
        reads++;
        Resolved resolved;
        try {
            resolved = parts.journal()
                    .latest()
                    .resolve(
                            copy.subject().stream(),
                            copy.extent(claim),
                            parts.applied().get());
        } catch (Fault fault) {
            failed(copy, claim, fault);
            return;
        }
        try {
            parts.readers().execute(() -> readNow(copy, claim, resolved, reading, then));
        } catch (RejectedExecutionException ending) {
            resolved.close();
            failed(copy, claim, ending);
        }
    }

    private <T> void readNow(StreamCopy copy, Claim claim, Resolved resolved, Reading<T> reading, Consumer<T> then) {
        T read;
        try (resolved) {
            read = reading.from(resolved);
        } catch (IOException | RuntimeException | InternalError e) { // a page that cannot be read is an InternalError
            parts.owner().execute(() -> failed(copy, claim, e));
            return;
        }
        parts.owner().execute(() -> done(copy, claim, () -> then.accept(read)));
    }

    private void done(StreamCopy copy, Claim claim, Runnable then) {
        reads--;
        problem = Optional.empty();
        if (takesWhatWasRead(copy)) {
            then.run();
        } else {
            finish(copy, claim, true);
        }
    }

    /** Whether what was read for a copy may still be appended. */
    private boolean takesWhatWasRead(StreamCopy copy) {
        return !closed
                && copies.get(copy.subject().stream()) == copy
                && parts.journal().fault().isEmpty();
    }

    /** Nothing more comes of a claim. */
    private void finish(StreamCopy copy, Claim claim, boolean appended) {
        copy.release(claim);
        if (appended) {
            goOn();
        } else {
            waitingForRoom = true;
            retryLater();
        }
    }

    private void failed(StreamCopy copy, Claim claim, Throwable why) {
        reads--;
        copy.release(claim);
        if (copies.get(copy.subject().stream()) != copy) {
            goOn(); // nobody wants it any more: the disk may be gone, and its volume with it
            return;
        }
        if (problem.isEmpty()) {
            LOG.error("stream={}: {} could not be read to be copied", copy.subject().stream(), copy.extent(claim), why);
        }
        problem = Optional.of("a block to be copied to the replica cannot be read: " + why.getMessage());
        retryLater();
    }

    private boolean appendHole(Subject subject, Extent extent) {
        return append(new Entry.Trim(subject.stream(), subject.epoch().get(), extent, Shipping.COPIED), RECORD_BYTES);
    }

    private boolean appendBytes(Chunk chunk, Extent extent) {
        Subject subject = chunk.subject();
        int at = (int) (extent.offset() - chunk.extent().offset());
        ByteBuffer payload = chunk.bytes().slice(at, (int) extent.length());
        return append(
                new Entry.Write(subject.stream(), subject.epoch().get(), extent.offset(), payload, Shipping.COPIED),
                RECORD_BYTES + extent.length());
    }

    private boolean append(Entry entry, long bytes) {
        if (!parts.hasRoom().getAsBoolean()
                || !(parts.journal().append(entry) instanceof AppendOutcome.Appended appended)) {
            return false;
        }
        ahead.add(new Ahead(appended.sequence(), bytes));
        aheadBytes += bytes;
        if (settings.rateBytesPerSecond() > 0) {
            long now = parts.nanoTime().getAsLong();
            long start = notBefore - now > 0 ? notBefore : now;
            notBefore = start + bytes * NANOS_PER_SECOND / settings.rateBytesPerSecond();
        }
        return true;
    }

    private void completeWhatIs() {
        Iterator<StreamCopy> each = copies.values().iterator();
        while (each.hasNext()) {
            StreamCopy copy = each.next();
            if (copy.isComplete() && copy.subject().complete().getAsBoolean()) {
                each.remove();
                turns.remove(copy);
            }
        }
        if (copies.isEmpty()) {
            buffers.clear();
        }
    }

    private void retryLater() {
        if (!retrying && !closed) {
            retrying = true;
            parts.owner().after(settings.retryInterval(), () -> {
                retrying = false;
                waitingForRoom = false;
                goOn();
            });
        }
    }

    private ByteBuffer takeBuffer() {
        return buffers.isEmpty() ? ByteBuffer.allocateDirect(settings.chunkBytes()) : buffers.removeFirst();
    }
}
