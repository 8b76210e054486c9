package io.tidemark.journal;

import io.tidemark.journal.AppendOutcome.Appended;
import io.tidemark.journal.AppendOutcome.Full;
import io.tidemark.journal.AppendOutcome.Limit;
import io.tidemark.journal.InMemoryDisk.Stored;
import io.tidemark.journal.format.BadRecord;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.format.RecordFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A journal without a disk, for simulations: it keeps {@link JournalContract} and forgets what was not forced when its
 * {@link InMemoryDisk} loses power. Everything happens on its owner, so that a seeded scheduler decides when a force ends.
 *
 * <p>Each record is a segment of its own: what nobody holds goes at once, but for the newest.
 */
public final class InMemoryJournal implements Journal {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** What is fixed about a journal: who it is, how long a force takes, how many bytes of records it takes. */
    public record Settings(
            JournalId id, boolean replica, Incarnation incarnation, UUID boot, Duration forceTime, long quotaBytes) {}

    private record Waiter(Sequence sequence, Runnable then) {}

    private final InMemoryDisk disk;
    private final Settings settings;
    private final TimedOwner owner;
    private final InstantSource clock;
    private final List<Held> holds = new CopyOnWriteArrayList<>();
    private final Deque<Waiter> waiters = new ArrayDeque<>();
    private final List<Consumer<Sequence>> durableListeners = new ArrayList<>();
    private final List<Consumer<Fault>> faultListeners = new ArrayList<>();
    private final List<Runnable> roomWaiters = new ArrayList<>();
    private final List<Runnable> growthListeners = new ArrayList<>();
    private @Nullable Fault fault;
    private @Nullable String failNextForce;
    private int callsToFailure;
    private boolean forcing;
    private boolean ended;
    private boolean opened;
    private boolean faultTold;

    /** Opens what is on the disk; all of that counts as durable. */
    public InMemoryJournal(InMemoryDisk disk, Settings settings, TimedOwner owner, InstantSource clock) {
        this.disk = disk;
        this.settings = settings;
        this.owner = owner;
        this.clock = clock;
        this.opened = settings.replica();
        disk.forced = disk.last();
    }

    /** The next force fails, and with it the journal. */
    public void failNextForce(String why) {
        failNextForce(why, Integer.MAX_VALUE);
    }

    /** The next force fails when it ends, or while the owner does the call of that number from now on if that is earlier. */
    public void failNextForce(String why, int calls) {
        failNextForce = why;
        callsToFailure = calls;
    }

    /** Forces do not fail any more. */
    public void repair() {
        failNextForce = null;
    }

    /** The process dies: nothing that was under way happens any more. What it appended stays in the page cache. */
    public void kill() {
        ended = true;
    }

    @Override
    public JournalId id() {
        return settings.id();
    }

    @Override
    public Incarnation incarnation() {
        return settings.incarnation();
    }

    @Override
    public List<Life> lives() {
        return List.copyOf(disk.lives);
    }

    @Override
    public Sequence trimmed() {
        return disk.trimmed;
    }

    @Override
    public Sequence appended() {
        return disk.last();
    }

    @Override
    public Sequence durable() {
        return disk.forced;
    }

    @Override
    public AppendOutcome append(Entry entry) {
        owner.assertCurrent();
        failInTheMiddle();
        requireHealthy();
        Invariant.check(!settings.replica(), () -> "journal " + id() + " is a replica's: it takes ranges");
        if (!opened) {
            opened = true;
            add(new Entry.Opened(settings.incarnation(), settings.boot()));
        }
        if (entry instanceof Entry.Data && usedBytes() >= settings.quotaBytes()) {
            return new Full(Limit.QUOTA);
        }
        add(entry);
        return new Appended(appended());
    }

    @Override
    public AppendOutcome appendRange(Range range) throws InvalidRange {
        owner.assertCurrent();
        failInTheMiddle();
        requireHealthy();
        Invariant.check(settings.replica(), () -> "journal " + id() + " is a source's: it takes entries");
        if (!range.first().equals(appended().next()) && !appended().equals(Sequence.NONE)) {
            throw new InvalidRange("range " + range.first() + " cannot follow record " + appended());
        }
        List<JournalRecord> records = RangeFormat.records(range, new RecordDecoder());
        if (usedBytes() >= settings.quotaBytes()) {
            return new Full(Limit.QUOTA);
        }
        if (disk.records.isEmpty()) {
            disk.trimmed = range.first().previous();
        }
        beginLife(range.first());
        records.forEach(disk::add);
        disk.endDocument();
        force();
        return new Appended(appended());
    }

    @Override
    public void whenDurable(Sequence sequence, Runnable then) {
        owner.assertCurrent();
        Invariant.check(!sequence.isAfter(appended()), () -> "waiting for " + sequence + " behind " + appended());
        if (!sequence.isAfter(durable()) && waiters.isEmpty()) {
            then.run();
            return;
        }
        failInTheMiddle();
        if (faultTold) {
            requireHealthy();
        }
        waiters.add(new Waiter(sequence, then));
        force();
    }

    @Override
    public void whenRoom(Runnable then) {
        owner.assertCurrent();
        roomWaiters.add(then);
        owner.execute(this::tellRoom);
    }

    @Override
    public void onGrowth(Runnable listener) {
        owner.assertCurrent();
        growthListeners.add(listener);
    }

    @Override
    public void onDurable(Consumer<Sequence> listener) {
        owner.assertCurrent();
        durableListeners.add(listener);
    }

    @Override
    public void onFault(Consumer<Fault> listener) {
        owner.assertCurrent();
        faultListeners.add(listener);
        if (faultTold) {
            fault().ifPresent(listener);
        }
    }

    @Override
    public Optional<Fault> fault() {
        return Optional.ofNullable(fault);
    }

    @Override
    public Cursor cursor(Sequence after) {
        requireHealthy();
        return new InMemoryCursor(this::durable, this::kept, after);
    }

    @Override
    public int checksum(Sequence sequence) {
        ByteBuffer image = kept(sequence.previous(), sequence).getFirst().image();
        return image.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(image.position() + RecordFormat.CRC_AT);
    }

    @Override
    public Hold hold(String name, Sequence upTo) {
        Held hold = new Held(name, upTo);
        holds.add(hold);
        return hold;
    }

    @Override
    public List<Hold> holds() {
        return List.copyOf(holds);
    }

    @Override
    public View latest() {
        return new InMemoryView(() -> disk.between(trimmed(), appended()));
    }

    @Override
    public View at(Sequence upTo) {
        Invariant.check(!upTo.isAfter(durable()), () -> "view of " + upTo + ", durable is " + durable());
        List<Stored> records = disk.between(trimmed(), upTo);
        return new InMemoryView(() -> records);
    }

    @Override
    public void marks(Sequence after, Sequence upTo, Consumer<Mark> reader) {
        for (Stored each : kept(after, upTo)) {
            if (each.record().entry() instanceof Entry.Control control) {
                reader.accept(new Mark(each.record().sequence(), each.record().timeNanos(), control));
            }
        }
    }

    @Override
    public void touched(StreamId stream, Sequence after, Sequence upTo, Consumer<Extent> visitor) {
        for (Stored each : kept(after, upTo)) {
            if (each.record().entry() instanceof Entry.Data data
                    && data.stream().equals(stream)) {
                visitor.accept(data.extent());
            }
        }
    }

    @Override
    public void parts(Sequence after, Sequence upTo, ObjLongConsumer<Sequence> visitor) {
        for (Stored each : kept(after, upTo)) {
            boolean data = each.record().entry() instanceof Entry.Data;
            visitor.accept(each.record().sequence(), data ? each.image().remaining() : RecordFormat.HEADER_BYTES);
        }
    }

    @Override
    public Map<StreamId, Tail> tails() {
        Map<StreamId, Tail> tails = new HashMap<>();
        for (Stored each : disk.records) {
            Sequence sequence = each.record().sequence();
            switch (each.record().entry()) {
                case Entry.Data data -> tails.merge(data.stream(), Tail.of(data.epoch(), data, sequence), Tail::and);
                case Entry.Flush flush ->
                    tails.merge(flush.stream(), Tail.of(flush.epoch(), flush, sequence), Tail::and);
                case Entry.CopyBegin begin ->
                    tails.merge(begin.stream(), Tail.of(begin.epoch(), begin, sequence), Tail::and);
                case Entry.CopyEnd end -> tails.merge(end.stream(), Tail.of(end.epoch(), end, sequence), Tail::and);
                case Entry.Control other -> {}
            }
        }
        return tails;
    }

    @Override
    public Usage usage() {
        return new Usage(usedBytes(), 0, settings.quotaBytes(), Long.MAX_VALUE, 0, disk.records.size());
    }

    @Override
    public void close(boolean clean) {
        owner.assertCurrent();
        boolean healthy = fault == null;
        if (healthy && !ended) {
            if (clean && !settings.replica()) {
                append(new Entry.Closed());
            }
            forcing = false;
            forced(appended());
        }
        ended = true;
        if (healthy) {
            requireHealthy();
        }
    }

    static JournalRecord decoded(ByteBuffer image) {
        try {
            return new RecordDecoder().decodeWhole(image);
        } catch (BadRecord e) {
            throw new AssertionError(e);
        }
    }

    private void add(Entry entry) {
        Instant now = clock.instant();
        Sequence sequence = appended().next();
        beginLife(sequence);
        disk.add(new JournalRecord(sequence, now.getEpochSecond() * NANOS_PER_SECOND + now.getNano(), entry));
        disk.endDocument();
        force();
        growthListeners.forEach(Runnable::run);
    }

    private void beginLife(Sequence first) {
        if (disk.lives.isEmpty() || !disk.lives.getLast().incarnation().equals(incarnation())) {
            disk.lives.add(new Life(incarnation(), first));
        }
    }

    private void force() {
        if (!forcing && !ended) {
            forcing = true;
            Sequence target = appended();
            owner.after(settings.forceTime(), () -> forced(target));
        }
    }

    private void forced(Sequence target) {
        forcing = false;
        if (ended) {
            return;
        }
        if (failNextForce != null) {
            fail(new Fault("force up to record " + target + ": " + failNextForce));
            return;
        }
        disk.forced = Sequence.later(disk.forced, target);
        complete();
        if (appended().isAfter(durable())) {
            force();
        }
        release();
    }

    private void complete() {
        while (!waiters.isEmpty() && !waiters.getFirst().sequence().isAfter(durable())) {
            waiters.removeFirst().then().run();
        }
        durableListeners.forEach(listener -> listener.accept(durable()));
    }

    private void fail(Fault cause) {
        fault = cause;
        ended = true;
        owner.execute(() -> tellFault(cause));
    }

    /** A force ends on a thread of its own, whatever the owner is doing. */
    private void failInTheMiddle() {
        if (failNextForce != null && forcing && fault == null && callsToFailure-- <= 0) {
            fail(new Fault("force: " + failNextForce));
        }
    }

    private void tellFault(Fault cause) {
        faultTold = true;
        waiters.clear();
        faultListeners.forEach(listener -> listener.accept(cause));
    }

    private void requireHealthy() {
        if (fault != null) {
            throw new Fault("journal " + id() + " has failed", fault);
        }
    }

    private List<Stored> kept(Sequence after, Sequence upTo) {
        Invariant.check(!after.isBefore(trimmed()), () -> "record " + after.next() + " is gone");
        return disk.between(after, upTo);
    }

    private long usedBytes() {
        return disk.records.stream().mapToLong(each -> each.image().remaining()).sum();
    }

    private void release() {
        holds.stream()
                .map(Held::upTo)
                .min(Comparator.naturalOrder())
                .filter(free -> free.isAfter(trimmed()) && newestDurable().isAfter(trimmed()))
                .ifPresent(
                        free -> disk.trim(Sequence.earlier(free, newestDurable().previous())));
        tellRoom();
    }

    /** The newest record that survives a power cut: it says where the journal ends. */
    private Sequence newestDurable() {
        return disk.between(trimmed(), durable()).stream()
                .map(each -> each.record().sequence())
                .reduce(trimmed(), Sequence::later);
    }

    private void tellRoom() {
        if (usedBytes() < settings.quotaBytes()) {
            List<Runnable> waiting = List.copyOf(roomWaiters);
            roomWaiters.clear();
            waiting.forEach(Runnable::run);
        }
    }

    private final class Held implements Hold {

        private final String name;
        private Sequence upTo;

        Held(String name, Sequence upTo) {
            this.name = name;
            this.upTo = upTo;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Sequence upTo() {
            return upTo;
        }

        @Override
        public void advance(Sequence to) {
            Invariant.check(!to.isBefore(upTo), () -> "hold " + name + " moves back from " + upTo + " to " + to);
            upTo = to;
            owner.execute(InMemoryJournal.this::release);
        }

        @Override
        public void close() {
            holds.remove(this);
            owner.execute(InMemoryJournal.this::release);
        }
    }
}
