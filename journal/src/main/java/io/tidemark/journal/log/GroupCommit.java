package io.tidemark.journal.log;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Owner;
import io.tidemark.journal.Sequence;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes what was appended durable: one force for all who wait, while appends go on.
 *
 * <p>The owner registers waiters and tells of new segments; the forcer thread forces, the oldest segment first, and
 * publishes what is durable. A force that fails is final: nothing is forced or reported any more.
 */
final class GroupCommit {

    private record Waiter(Sequence sequence, Runnable then) {}

    private final Owner owner;
    private final ScheduledExecutorService forcer;
    private final Supplier<Sequence> appended;
    private final Consumer<OpenSegment> whenClosable;
    private final Consumer<Fault> whenFailed;
    private final ScheduledFuture<?> timer;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final Queue<OpenSegment> full = new ConcurrentLinkedQueue<>();
    private volatile @Nullable OpenSegment active;
    private volatile Sequence durable;
    private boolean ended; // guarded by this

    private final Deque<Waiter> waiters = new ArrayDeque<>(); // the owner's, as are the listeners
    private final List<Consumer<Sequence>> listeners = new ArrayList<>();

    /**
     * @param durable what is durable already
     * @param whenClosable takes, on the forcer, each full segment that is durable to its end
     */
    GroupCommit(
            JournalThreads threads,
            Duration interval,
            Sequence durable,
            Supplier<Sequence> appended,
            Consumer<OpenSegment> whenClosable,
            Consumer<Fault> whenFailed) {
        this.owner = threads.owner();
        this.forcer = threads.forcer();
        this.appended = appended;
        this.whenClosable = whenClosable;
        this.whenFailed = whenFailed;
        this.durable = durable;
        this.timer = forcer.scheduleWithFixedDelay(
                this::force, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    Sequence durable() {
        return durable;
    }

    /** From now on appends go to {@code next}. The one before will be forced first. Owner. */
    void roll(OpenSegment next) {
        OpenSegment before = active;
        if (before != null) {
            full.add(before);
        }
        active = next;
    }

    /** Runs {@code then} once {@code sequence} is durable. Waiters are served in the order they came. Owner. */
    void whenDurable(Sequence sequence, Runnable then) {
        if (!sequence.isAfter(durable) && waiters.isEmpty()) {
            then.run();
            return;
        }
        waiters.add(new Waiter(sequence, then));
        ask();
    }

    void onDurable(Consumer<Sequence> listener) {
        listeners.add(listener);
    }

    /** Those who wait are told of a fault instead. Owner. */
    void forgetWaiters() {
        waiters.clear();
    }

    /** Reports nothing any more: what is not durable now may never be. Any thread. */
    synchronized void end() {
        ended = true;
        timer.cancel(false);
    }

    /** Forces a last time, on the calling owner's thread, and serves all waiters. No force begins after this. */
    void finish() {
        timer.cancel(false);
        force();
        complete();
        synchronized (this) {
            ended = true;
        }
    }

    private void ask() {
        if (asked.compareAndSet(false, true)) {
            forcer.execute(this::force);
        }
    }

    private synchronized void force() {
        asked.set(false);
        Sequence target = appended.get();
        if (ended || !target.isAfter(durable)) {
            return;
        }
        try {
            forceSegments();
        } catch (IOException | RuntimeException | Error e) {
            ended = true;
            whenFailed.accept(new Fault("force up to record " + target, e));
            return;
        }
        durable = target;
        owner.execute(this::complete);
    }

    private void forceSegments() throws IOException {
        // The active one is looked up before the full ones: a segment that rolls meanwhile is found either way.
        OpenSegment current = active;
        for (OpenSegment each = full.poll(); each != null; each = full.poll()) {
            each.writer().force();
            whenClosable.accept(each);
            current = each.equals(current) ? null : current;
        }
        if (current != null) {
            current.writer().force();
        }
    }

    private void complete() {
        Sequence now = durable;
        while (!waiters.isEmpty() && !waiters.getFirst().sequence().isAfter(now)) {
            waiters.removeFirst().then().run();
        }
        listeners.forEach(listener -> listener.accept(now));
    }
}
