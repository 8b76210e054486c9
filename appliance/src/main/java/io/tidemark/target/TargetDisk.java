package io.tidemark.target;

import io.tidemark.journal.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.client.Destination;
import io.tidemark.nbd.client.RemoteExport;
import io.tidemark.nbd.client.RemoteInfo;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.client.Result;
import io.tidemark.vm.Disk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The export of one disk, over one connection, or over several where a flush on one covers what was done on all of them. The sender's
 * thread; answers come on event loops.
 */
final class TargetDisk {

    /** Requests of one connection that have no answer yet. */
    static final int LANE_REQUESTS_MAX = 512;

    /** A disk's size is a multiple of it, and so is what guests write. */
    private static final int SECTOR_BYTES = 512;

    /** A connection and what is on its way over it. */
    private record Lane(RemoteExport export, AtomicInteger inFlight) {}

    private final Destination destination;
    private final List<Lane> lanes;
    private final RemoteInfo info;

    private TargetDisk(Destination destination, List<RemoteExport> exports) {
        this.destination = destination;
        this.lanes = exports.stream()
                .map(export -> new Lane(export, new AtomicInteger()))
                .toList();
        this.info = exports.getFirst().info();
    }

    /**
     * Connects, and makes sure that the disk can be kept there; exceptionally with {@link UnfitTarget} or
     * {@link io.tidemark.nbd.client.RefusedException} where trying again will not help by itself.
     *
     * @param connections as many as are wanted; it goes on with fewer where the server takes no more
     */
    static CompletionStage<TargetDisk> open(TargetDialer dialer, Destination destination, Disk disk, int connections) {
        return connect(dialer, destination).thenCompose(first -> {
            Optional<String> objection = objection(first.info(), disk);
            if (objection.isPresent()) {
                first.close();
                return CompletableFuture.failedFuture(new UnfitTarget(destination + " " + objection.get()));
            }
            int more = first.info().has(Feature.MULTI_CONN) ? connections - 1 : 0;
            return others(dialer, destination, more).thenApply(others -> {
                List<RemoteExport> all = new ArrayList<>();
                all.add(first);
                all.addAll(others);
                return new TargetDisk(destination, all);
            });
        });
    }

    /** Certificates that cannot be used are as good as a server that does not let us in. */
    private static CompletionStage<RemoteExport> connect(TargetDialer dialer, Destination destination) {
        try {
            return dialer.connect(destination);
        } catch (IllegalArgumentException unusable) {
            return CompletableFuture.failedFuture(new UnfitTarget(destination + ": " + unusable.getMessage()));
        }
    }

    private static CompletionStage<List<RemoteExport>> others(TargetDialer dialer, Destination destination, int count) {
        List<CompletableFuture<Optional<RemoteExport>>> dialled = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            dialled.add(connect(dialer, destination)
                    .<Optional<RemoteExport>>thenApply(Optional::of)
                    .exceptionally(failed -> Optional.empty())
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(dialled.toArray(CompletableFuture[]::new))
                .thenApply(done -> dialled.stream()
                        .map(CompletableFuture::join)
                        .flatMap(Optional::stream)
                        .toList());
    }

    /** Why an export cannot hold the disk; empty if it can. */
    private static Optional<String> objection(RemoteInfo info, Disk disk) {
        if (!info.has(Feature.WRITE)) {
            return Optional.of("is read-only");
        }
        if (!info.has(Feature.FLUSH)) {
            return Optional.of("does not offer to flush: nothing would ever be known to be durable there");
        }
        if (info.size().bytes() < disk.sizeBytes()) {
            return Optional.of(
                    "has " + info.size().bytes() + " bytes, disk " + disk.name() + " has " + disk.sizeBytes());
        }
        return info.blocks().minimumBytes() > SECTOR_BYTES
                ? Optional.of("takes no less than " + info.blocks().minimumBytes() + " bytes at a time, guests write "
                        + SECTOR_BYTES)
                : Optional.empty();
    }

    Destination destination() {
        return destination;
    }

    int connections() {
        return lanes.size();
    }

    /** How large the export was when it was connected to. */
    long sizeBytes() {
        return info.size().bytes();
    }

    /** The longest write that the server takes, up to a limit of ours. */
    int requestBytesMax(int limit) {
        return Math.min(limit, info.blocks().payloadBytesMax());
    }

    boolean writesZeroes() {
        return info.has(Feature.WRITE_ZEROES);
    }

    /** Whether the server takes the extent as it is. */
    boolean takes(Extent extent) {
        long unit = info.blocks().minimumBytes();
        return extent.offset() % unit == 0 && extent.length() % unit == 0;
    }

    /** Whether one more request may be on its way. */
    boolean hasRoom() {
        return idlest().inFlight().get() < LANE_REQUESTS_MAX;
    }

    /** Writes; the bytes have been copied when this returns. Only while there is room. */
    void write(Extent extent, ByteBuffer bytes, Result.Listener listener) {
        Lane lane = idlest();
        lane.export().write(new Offset(extent.offset()), bytes, counted(lane, listener));
    }

    /** Zeroes; only while there is room. */
    void zero(Extent extent, Result.Listener listener) {
        Lane lane = idlest();
        lane.export()
                .zero(
                        new io.tidemark.nbd.Extent(new Offset(extent.offset()), new Length(extent.length())),
                        counted(lane, listener));
    }

    /** Makes durable all whose results were told, on whatever connection: there is one, or the server shares its cache. */
    void flush(Result.Listener listener) {
        lanes.getFirst().export().flush(listener);
    }

    /** Completes when a connection has ended, with the reason. */
    void onEnd(RemoteExport.EndListener listener) {
        lanes.forEach(lane -> lane.export().onEnd(listener));
    }

    void close() {
        lanes.forEach(lane -> lane.export().close());
    }

    private Lane idlest() {
        return Objects.requireNonNull(lanes.stream()
                .min(Comparator.comparingInt(lane -> lane.inFlight().get()))
                .orElse(null));
    }

    private static Result.Listener counted(Lane lane, Result.Listener listener) {
        lane.inFlight().incrementAndGet();
        return result -> {
            lane.inFlight().decrementAndGet();
            listener.onResult(result);
        };
    }
}
