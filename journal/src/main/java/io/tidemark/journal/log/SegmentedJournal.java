package io.tidemark.journal.log;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.Usage;
import io.tidemark.journal.View;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/** A journal on disk, made of segments (docs/journal.md). */
public final class SegmentedJournal implements Journal {

    private final JournalIdentity identity;
    private final JournalSettings settings;
    private final JournalThreads threads;
    private final JournalFolder folder;
    private final SegmentChain chain;
    private final Optional<PreviousLife> previousLife;
    private final Retention retention;
    private final Upkeep upkeep;
    private final SegmentSupply supply;
    private final SpareFiles spares;
    private final GroupCommit commit;
    private final Appender appender;
    private final Health health;
    private final List<Runnable> roomWaiters = new ArrayList<>(); // from here on: the owner's
    private final List<Runnable> growthListeners = new ArrayList<>();
    private Sequence durableBefore = Sequence.NONE;
    private Sequence begunAt = Sequence.NONE; // what the active segment begins with

    private SegmentedJournal(
            JournalIdentity identity,
            JournalSettings settings,
            JournalThreads threads,
            JournalFolder folder,
            List<Segment> prefix,
            SegmentWriter.Factory factory,
            InstantSource clock)
            throws IOException {
        this.identity = identity;
        this.settings = settings;
        this.threads = threads;
        this.folder = folder;
        this.health = new Health("journal " + identity.id() + " in " + folder.path(), threads.owner());
        this.chain = new SegmentChain(prefix);
        this.previousLife = previousLife(identity, prefix);
        this.retention = new Retention(this::holdAdvanced, this::durable);
        this.spares = SpareFiles.open(folder, settings.segmentsAhead());
        this.upkeep = new Upkeep(folder, threads, chain, retention, spares, this::segmentsDeleted);
        long nextNumber = prefix.isEmpty() ? 1 : prefix.getLast().folder().number() + 1;
        this.supply = new SegmentSupply(
                folder,
                settings,
                threads,
                factory,
                spares,
                this::headerOf,
                nextNumber,
                upkeep::countUsedBytes,
                this::roomMade);
        Sequence last = prefix.isEmpty() ? identity.origin() : prefix.getLast().last();
        this.appender = new Appender(
                identity,
                settings,
                factory.documentBytesMax(settings.segmentBytes()),
                clock,
                supply,
                last,
                this::rolled);
        this.commit =
                new GroupCommit(threads, settings.forceInterval(), last, appender::appended, upkeep::seal, this::fail);
        commit.onDurable(this::becameDurable);
        health.onFault(failure -> commit.forgetWaiters());
    }

    /**
     * Opens the journal in a folder, or makes a new one there. Recovers what a crash has left, durably, before it returns;
     * the first segment of the new life is being prepared.
     *
     * @throws JournalUnusable when the folder is another journal's, is in use, or is damaged beyond what recovery may decide
     */
    public static SegmentedJournal open(
            Path path,
            JournalIdentity identity,
            JournalSettings settings,
            JournalThreads threads,
            SegmentWriter.Factory factory,
            InstantSource clock)
            throws IOException, JournalUnusable {
        JournalFolder folder = JournalFolder.open(path);
        try {
            folder.identify(identity.id());
            List<Segment> prefix = new Recovery(folder, identity.id()).run();
            try {
                SegmentedJournal journal =
                        new SegmentedJournal(identity, settings, threads, folder, prefix, factory, clock);
                journal.supply.refill();
                return journal;
            } catch (IOException | RuntimeException e) {
                prefix.forEach(Segment::close);
                throw e;
            }
        } catch (IOException | JournalUnusable | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /** How the life before this one ended; empty for a new journal and for a replica's. */
    public Optional<PreviousLife> previousLife() {
        return previousLife;
    }

    @Override
    public JournalId id() {
        return identity.id();
    }

    @Override
    public Incarnation incarnation() {
        return identity.incarnation();
    }

    @Override
    public List<Life> lives() {
        return ChainSummary.lives(chain);
    }

    @Override
    public Sequence trimmed() {
        List<Segment> segments = chain.all();
        return segments.isEmpty() ? appended() : segments.getFirst().first().previous();
    }

    @Override
    public Sequence appended() {
        return appender.appended();
    }

    @Override
    public Sequence durable() {
        return commit.durable();
    }

    @Override
    public AppendOutcome append(Entry entry) {
        threads.owner().assertCurrent();
        health.require();
        try {
            return appender.append(entry);
        } catch (RuntimeException | InternalError e) {
            throw failed(e);
        }
    }

    @Override
    public AppendOutcome appendRange(Range range) throws InvalidRange {
        threads.owner().assertCurrent();
        health.require();
        try {
            return appender.append(range);
        } catch (RuntimeException | InternalError e) {
            throw failed(e);
        }
    }

    @Override
    public void whenDurable(Sequence sequence, Runnable then) {
        threads.owner().assertCurrent();
        Invariant.check(!sequence.isAfter(appended()), () -> "waiting for " + sequence + " behind " + appended());
        health.requireUnlessTold();
        commit.whenDurable(sequence, then);
    }

    @Override
    public void whenRoom(Runnable then) {
        threads.owner().assertCurrent();
        roomWaiters.add(then);
        if (supply.isReady()) {
            threads.owner().execute(this::roomMade);
        } else {
            supply.refill();
        }
    }

    @Override
    public void onGrowth(Runnable listener) {
        threads.owner().assertCurrent();
        growthListeners.add(listener);
    }

    @Override
    public void onDurable(Consumer<Sequence> listener) {
        threads.owner().assertCurrent();
        commit.onDurable(listener);
    }

    @Override
    public void onFault(Consumer<Fault> listener) {
        threads.owner().assertCurrent();
        health.onFault(listener);
    }

    @Override
    public Optional<Fault> fault() {
        return health.fault();
    }

    @Override
    public Cursor cursor(Sequence after) {
        health.require();
        return new ChainCursor(chain, commit::durable, after);
    }

    @Override
    public int checksum(Sequence sequence) {
        return ChainChecksum.of(chain, sequence);
    }

    @Override
    public Hold hold(String name, Sequence upTo) {
        return retention.hold(name, upTo);
    }

    @Override
    public List<Hold> holds() {
        return retention.holds();
    }

    @Override
    public View latest() {
        return ChainView.latest(chain);
    }

    @Override
    public View at(Sequence upTo) {
        Invariant.check(!upTo.isAfter(durable()), () -> "view of " + upTo + ", durable is " + durable());
        return ChainView.at(chain, upTo);
    }

    @Override
    public void marks(Sequence after, Sequence upTo, Consumer<Mark> reader) {
        ChainMarks.read(chain, after, upTo, reader);
    }

    @Override
    public void touched(StreamId stream, Sequence after, Sequence upTo, Consumer<Extent> visitor) {
        ChainSummary.touched(chain, stream, after, upTo, visitor);
    }

    @Override
    public void parts(Sequence after, Sequence upTo, ObjLongConsumer<Sequence> visitor) {
        ChainSummary.parts(chain, after, upTo, visitor);
    }

    @Override
    public Map<StreamId, Tail> tails() {
        return ChainSummary.tails(chain);
    }

    @Override
    public Usage usage() {
        try {
            long prepared = supply.preparedBytes();
            return new Usage(
                    upkeep.usedBytes() + prepared,
                    prepared,
                    settings.quotaBytes(),
                    Files.getFileStore(folder.segments()).getUsableSpace(),
                    settings.reserveBytes(),
                    chain.all().size());
        } catch (IOException e) {
            throw new Fault("journal " + id() + ": file system of " + folder.path(), e);
        }
    }

    /** What keeps the journal from growing, when nothing is left of what was prepared. Any thread. */
    public Optional<AppendOutcome.Limit> full() {
        return supply.isReady() ? Optional.empty() : supply.limit();
    }

    @Override
    public void close(boolean clean) {
        threads.owner().assertCurrent();
        boolean healthy = fault().isEmpty();
        try {
            if (healthy) {
                if (clean && identity.kind() == JournalIdentity.Kind.SOURCE) {
                    append(new Entry.Closed());
                }
                commit.finish();
            }
        } finally {
            end();
        }
        if (healthy) {
            health.require();
        }
    }

    /** Lets go of the folder, whatever happened. */
    private void end() {
        commit.end();
        try (folder) {
            threads.keeper().submit(this::finish).get();
        } catch (IOException | ExecutionException e) {
            throw new Fault("journal " + id() + ": closing " + folder.path(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Fault("journal " + id() + ": interrupted while closing", e);
        }
    }

    private Optional<Void> finish() throws IOException {
        try {
            supply.stop();
        } finally {
            upkeep.finish(fault().isEmpty() ? appender.active() : Optional.empty());
            spares.clear();
        }
        return Optional.empty();
    }

    private SegmentHeader headerOf(long number) {
        return new SegmentHeader(identity.id(), number, identity.incarnation(), identity.boot());
    }

    private void rolled(OpenSegment next, Segment segment) {
        commit.roll(next);
        chain.add(segment);
        begunAt = segment.first();
        upkeep.opened();
        supply.refill(); // behind the counting, so that the quota is not met a segment too late
        growthListeners.forEach(Runnable::run);
    }

    /** The first durable record of a segment may be what those before it were kept for. */
    private void becameDurable(Sequence durable) {
        if (begunAt.isAfter(durableBefore) && !begunAt.isAfter(durable)) {
            upkeep.advanced();
        }
        durableBefore = durable;
    }

    private void holdAdvanced() {
        upkeep.advanced();
    }

    private void segmentsDeleted() {
        supply.refill();
    }

    private void roomMade() {
        List<Runnable> waiting = List.copyOf(roomWaiters);
        roomWaiters.clear();
        waiting.forEach(Runnable::run);
    }

    /** After this nothing is known of the active segment's end, so nothing may be appended to it again. */
    private Fault failed(Throwable cause) {
        Fault failure = cause instanceof Fault known
                ? known
                : new Fault("journal " + id() + ": appending behind record " + appended(), cause);
        fail(failure);
        return failure;
    }

    private void fail(Fault cause) {
        health.fail(cause, commit::end);
    }

    private static Optional<PreviousLife> previousLife(JournalIdentity identity, List<Segment> prefix) {
        if (identity.kind() == JournalIdentity.Kind.REPLICA || prefix.isEmpty()) {
            return Optional.empty();
        }
        Segment newest = prefix.getLast();
        Sequence last = newest.last();
        AtomicReference<Entry> lastMark = new AtomicReference<>(new Entry.Cut());
        ChainMarks.read(new SegmentChain(prefix), last.previous(), last, mark -> lastMark.set(mark.entry()));
        return Optional.of(new PreviousLife(
                last, lastMark.get() instanceof Entry.Closed, newest.header().boot()));
    }
}
