package io.tidemark.mend;

import io.tidemark.events.EventLog;
import io.tidemark.intake.Mend;
import io.tidemark.intake.Mends;
import io.tidemark.journal.StreamId;
import io.tidemark.nbd.client.Destination;
import io.tidemark.nbd.client.RemoteExport;
import io.tidemark.nbd.client.RemoteInfo;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The disks that are compared with their sources' disks, and how that ended last. Any thread; calls wait. */
public final class Mendings {

    /** Disks that are compared at the same time: they take turns with the clients' reads. */
    static final int RUNNING_MAX = 4;

    /** Of ended ones, how many are remembered. */
    static final int ENDED_MAX = 256;

    /** What became of a request. */
    public sealed interface Started {

        record Done(MendStatus status) implements Started {}

        /** The reason is for people. */
        record Refused(String reason) implements Started {}
    }

    private final Function<Destination, CompletionStage<RemoteExport>> dial;
    private final Executor blocking;
    private final EventLog events;
    private final LongSupplier nanoTime;
    private final Map<StreamId, Mending> mendings = new LinkedHashMap<>(); // guarded by this
    private boolean closed; // guarded by this

    /** @param blocking threads that may wait */
    public Mendings(
            Function<Destination, CompletionStage<RemoteExport>> dial,
            Executor blocking,
            EventLog events,
            LongSupplier nanoTime) {
        this.dial = dial;
        this.blocking = blocking;
        this.events = events;
        this.nanoTime = nanoTime;
    }

    /**
     * Begins to compare a disk with its source's. When that has come to its end the disk is in sync.
     *
     * @param name of the disk, for events
     * @param origin an export of the source's disk as it was at one moment since the disk's copy began
     */
    public Started start(Mends mends, StreamId stream, String name, Destination origin) {
        Optional<String> busy = busy(stream);
        return busy.isPresent()
                ? new Started.Refused(busy.get())
                : switch (mends.begin(stream).join()) {
                    case Mends.Begun.Refused refused -> new Started.Refused(refused.reason());
                    case Mends.Begun.Yes yes -> connect(yes.mend(), name, origin);
                };
    }

    /** Ends the comparison of a disk, if there is one; what was laid over the disk stays. */
    public synchronized boolean giveUp(StreamId stream) {
        Mending mending = mendings.get(stream);
        if (mending == null || !mending.isRunning()) {
            return false;
        }
        mending.giveUp("it was given up");
        return true;
    }

    /** How the comparison of a disk stands, or how its last one ended. */
    public synchronized Optional<MendStatus> status(StreamId stream) {
        return Optional.ofNullable(mendings.get(stream)).map(Mending::status);
    }

    /** Ends all. */
    public synchronized void close() {
        closed = true;
        mendings.values().stream().filter(Mending::isRunning).forEach(mending -> mending.giveUp("the appliance stops"));
    }

    /** Nobody waits for that but who has asked. */
    private Started connect(Mend mend, String name, Destination origin) {
        RemoteExport export;
        try {
            export = dial.apply(origin).toCompletableFuture().join();
        } catch (CompletionException | IllegalArgumentException e) {
            Throwable why = e.getCause() != null ? e.getCause() : e;
            return new Started.Refused("the source's disk cannot be read: " + why.getMessage());
        }
        Optional<String> objection = objection(export.info(), mend.sizeBytes()).map(why -> origin + " " + why);
        return objection.isPresent() ? refuse(export, objection.get()) : start(mend, name, origin, export);
    }

    private synchronized Started start(Mend mend, String name, Destination origin, RemoteExport export) {
        Optional<String> busy = busy(mend.stream()); // somebody else may have asked meanwhile
        if (busy.isPresent()) {
            return refuse(export, busy.get());
        }
        Mending mending =
                new Mending(mend, origin, new SourceReader(export), blocking, nanoTime, status -> ended(name, status));
        forgetOldest();
        mendings.remove(mend.stream());
        mendings.put(mend.stream(), mending);
        events.info("mend-began", name, "compared with " + origin);
        mending.start();
        return new Started.Done(mending.status());
    }

    private static Started refuse(RemoteExport export, String why) {
        export.close();
        return new Started.Refused(why);
    }

    /** Why the disk cannot be compared now. */
    private synchronized Optional<String> busy(StreamId stream) {
        if (closed) {
            return Optional.of("the appliance stops");
        }
        if (mendings.containsKey(stream) && mendings.get(stream).isRunning()) {
            return Optional.of("the disk is being compared already; end that first");
        }
        return mendings.values().stream().filter(Mending::isRunning).count() >= RUNNING_MAX
                ? Optional.of(RUNNING_MAX + " disks are being compared: wait for one of them")
                : Optional.empty();
    }

    private void ended(String name, MendStatus status) {
        String figures = status.comparedBytes() + " bytes compared, " + status.laidBytes() + " were different";
        switch (status.phase()) {
            case COMPLETE -> events.info("mend-completed", name, figures);
            case FAILED, RUNNING -> events.warn("mend-failed", name, status.reason() + "; " + figures);
        }
    }

    private void forgetOldest() {
        if (mendings.size() >= ENDED_MAX) {
            mendings.entrySet().stream()
                    .filter(each -> !each.getValue().isRunning())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .ifPresent(mendings::remove);
        }
    }

    /** Why an export cannot be the source's disk; empty if it can. */
    private static Optional<String> objection(RemoteInfo info, long sizeBytes) {
        if (info.size().bytes() < sizeBytes) {
            return Optional.of("has " + info.size().bytes() + " bytes, the disk has " + sizeBytes);
        }
        if (info.blocks().payloadBytesMax() < Differences.UNIT_BYTES) {
            return Optional.of("lets nobody read more than " + info.blocks().payloadBytesMax() + " bytes at a time");
        }
        return sizeBytes % info.blocks().minimumBytes() == 0
                ? Optional.empty()
                : Optional.of("is read in blocks of " + info.blocks().minimumBytes()
                        + " bytes, which the disk does not end at");
    }
}
