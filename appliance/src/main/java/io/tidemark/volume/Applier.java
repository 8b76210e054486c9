package io.tidemark.volume;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Journal;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies a journal to the volumes of its streams, up to a limit that only grows.
 *
 * <p>Redo-safe: whatever was written behind the last saved sequence is written again after a crash, in the same order, with the
 * same result. The journal keeps what is not durable in the volumes. A volume is never ahead of the durable journal,
 * since that is all a cursor delivers. One thread of its own.
 */
public final class Applier implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Applier.class);

    private final Journal journal;
    private final Volumes volumes;
    private final Applied applied;
    private final ApplySettings settings;
    private final ScheduledExecutorService thread;
    private final Consumer<Fault> whenFailed;
    private final Hold hold;
    private final Cursor cursor;
    private final ScheduledFuture<?> timer;
    private volatile Sequence limit; // grows under this
    private volatile Sequence written;
    private volatile Sequence saved;
    private volatile boolean waitingForSpace;
    private final AtomicBoolean forceAsked = new AtomicBoolean();

    private final Set<StreamId> dirty = new HashSet<>(); // from here on: the applier's thread
    private long dirtyBytes;
    private boolean working;
    private boolean ended;
    private @Nullable Batch batch;
    private int done;
    private @Nullable ScheduledFuture<?> next;

    /**
     * @param from the sequence the volumes are durable up to
     * @param thread the applier's own, one thread; its creator ends it after this is closed
     */
    public Applier(
            Journal journal,
            Volumes volumes,
            Applied applied,
            Sequence from,
            ApplySettings settings,
            ScheduledExecutorService thread,
            Consumer<Fault> whenFailed) {
        this.journal = journal;
        this.volumes = volumes;
        this.applied = applied;
        this.settings = settings;
        this.thread = thread;
        this.whenFailed = whenFailed;
        this.hold = journal.hold("volumes", from);
        this.cursor = journal.cursor(from);
        this.limit = from;
        this.written = from;
        this.saved = from;
        long interval = settings.forceInterval().toMillis();
        this.timer = thread.scheduleWithFixedDelay(this::forceIfDirty, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Everything up to here is to be applied once it is durable. Any thread. */
    public void raise(Sequence to) {
        synchronized (this) {
            limit = Sequence.later(limit, to);
        }
        thread.execute(this::begin);
    }

    /** Forces what is written to the volumes without waiting for the interval, since the journal could forget it then. Any thread. */
    public void forceSoon() {
        if (forceAsked.compareAndSet(false, true)) {
            thread.execute(() -> {
                forceAsked.set(false);
                forceIfDirty();
            });
        }
    }

    /**
     * The volumes are durable up to here, so who reads may take every record up to here from them, and those behind from the journal only.
     * What was written and is not forced yet may be gone again: a page that could not be written back is clean, and forgotten when the
     * kernel needs room. Any thread.
     */
    public Sequence applied() {
        return saved;
    }

    /** The volumes hold every record up to here, durably or not. Any thread. */
    public Sequence written() {
        return written;
    }

    /** Whether the file system of the volumes was full at the last attempt. Any thread. */
    public boolean waitsForSpace() {
        return waitingForSpace;
    }

    /** Forces what was applied, if that can be done, and stops. Blocks until then. */
    @Override
    public void close() {
        timer.cancel(false);
        try {
            thread.submit(this::finish).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new Fault("applier of journal " + journal.id(), e);
        }
    }

    private void begin() {
        if (!working) {
            step();
        }
    }

    /** Applies one batch and goes on with the next from a new task, so that other tasks get their turn and the rate is kept. */
    private void step() {
        working = false;
        if (ended || !limit.isAfter(written)) {
            return;
        }
        try {
            long dirtyBefore = dirtyBytes;
            boolean more = applyBatch();
            Duration pause = settings.pauseAfter(dirtyBytes - dirtyBefore);
            if (dirtyBytes >= settings.dirtyBytesMax()) {
                force();
            }
            waitingForSpace = false;
            if (pause.isPositive()) {
                working = true;
                next = thread.schedule(this::step, pause.toNanos(), TimeUnit.NANOSECONDS);
            } else if (more) {
                working = true;
                thread.execute(this::step);
            }
        } catch (IOException e) {
            failedOrFull(e);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private boolean applyBatch() throws IOException {
        Batch current = batch;
        if (current == null) {
            Optional<Batch> delivered = cursor.next(settings.batchBytes());
            if (delivered.isEmpty()) {
                return false;
            }
            current = delivered.get();
            batch = current;
            done = 0;
        }
        while (done < current.records().size()) {
            JournalRecord record = current.records().get(done);
            if (record.sequence().isAfter(limit)) {
                return false;
            }
            apply(record);
            done++;
            written = record.sequence();
        }
        current.lease().close();
        batch = null;
        return true;
    }

    private void apply(JournalRecord record) throws IOException {
        switch (record.entry()) {
            case Entry.Data data -> {
                Optional<Volume> volume = volumes.find(data.stream());
                if (volume.isPresent()) {
                    apply(data, volume.get());
                }
                applied.changed(data, record.sequence());
            }
            case Entry.Control control -> applied.passed(record);
        }
    }

    private void apply(Entry.Data data, Volume volume) throws IOException {
        switch (data) {
            case Entry.Write write -> {
                volume.write(write.offset(), write.payload().duplicate());
                dirtyBytes += write.payload().remaining();
            }
            case Entry.Zero zero -> volume.zero(zero.extent(), zero.keepAllocated());
            case Entry.Trim trim -> volume.zero(trim.extent(), false);
        }
        dirty.add(data.stream());
    }

    private void forceIfDirty() {
        if (ended || saved.equals(written)) {
            return;
        }
        try {
            force();
            waitingForSpace = waitingForSpace && limit.isAfter(written);
        } catch (IOException e) {
            failedOrFull(e);
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    private void force() throws IOException {
        Sequence upTo = written;
        forceVolumes();
        applied.save(upTo);
        saved = upTo;
        hold.advance(upTo);
    }

    /** A failure is final even if it was for want of space: the next attempt could succeed without the bytes. */
    private void forceVolumes() {
        for (StreamId stream : dirty) {
            Optional<Volume> volume = volumes.find(stream);
            try {
                if (volume.isPresent()) {
                    volume.get().force();
                }
            } catch (IOException e) {
                throw new Fault("force of the volume of stream " + stream, e);
            }
        }
        dirty.clear();
        dirtyBytes = 0;
    }

    private void failedOrFull(IOException e) {
        if (e instanceof NotYetException) {
            var unused = thread.schedule(this::begin, settings.retryInterval().toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        if (FullException.is(e)) {
            if (!waitingForSpace) {
                LOG.warn("journal {}: no space for the volumes, applying waits", journal.id());
            }
            waitingForSpace = true;
            var unused = thread.schedule(this::begin, settings.retryInterval().toMillis(), TimeUnit.MILLISECONDS);
            return;
        }
        fail(e);
    }

    private void fail(Exception e) {
        ended = true;
        whenFailed.accept(new Fault("applying journal " + journal.id() + " behind record " + written, e));
    }

    private @Nullable Void finish() {
        if (!ended && !saved.equals(written)) {
            try {
                force();
            } catch (IOException | RuntimeException e) {
                fail(e); // what was not saved will be applied again by the next life
            }
        }
        ended = true;
        if (next != null) {
            next.cancel(false);
        }
        if (batch != null) {
            batch.lease().close();
            batch = null;
        }
        cursor.close();
        return null;
    }
}
