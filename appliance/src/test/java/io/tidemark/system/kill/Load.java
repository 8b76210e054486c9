package io.tidemark.system.kill;

import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** A guest at work: connections to each of its disks, all in one log. They end with their site. */
final class Load {

    /** A disk of the guest and the connections to it. */
    record Work(DiskSpec disk, int connections) {}

    private record Running(Writer writer, CompletableFuture<Void> end) {}

    private final List<Work> works;
    private final Map<String, String> uris;
    private final ClientLog log;
    private final Random random;
    private List<Running> running = List.of();
    private boolean mayBeRefused;

    /** @param uris of the disks, by name */
    Load(List<Work> works, Map<String, String> uris, ClientLog log, Random random) {
        this.works = works;
        this.uris = uris;
        this.log = log;
        this.random = random;
    }

    /** Its clients are used to disks that have no space at times. */
    Load thatMayBeRefused() {
        mayBeRefused = true;
        return this;
    }

    /** Connects and writes. */
    void start() {
        running = works.stream()
                .flatMap(work -> parts(work).stream())
                .map(part -> start(new Writer(part, log, new Random(random.nextLong()), mayBeRefused)))
                .toList();
    }

    /** Whether clients are connected. */
    boolean isRunning() {
        return !running.isEmpty();
    }

    /** Returns when so many more writes are acknowledged. */
    void awaitWrites(int more) {
        long goal = log.acknowledgedWrites() + more;
        await("acknowledgement of " + more + " writes", () -> log.acknowledgedWrites() >= goal);
    }

    /** Returns when so many more flushes are acknowledged. */
    void awaitFlushes(int more) {
        long goal = log.acknowledgedFlushes() + more;
        await("acknowledgement of " + more + " flushes", () -> log.acknowledgedFlushes() >= goal);
    }

    private void await(String what, BooleanSupplier condition) {
        Await.until(what, () -> {
            if (running.stream().anyMatch(each -> each.end().isDone())) {
                end();
                throw new AssertionError("a connection has ended that nobody has broken");
            }
            return condition.getAsBoolean();
        });
    }

    /** Returns when all connections are lost, since the site was killed. */
    void awaitBroken() {
        end();
        if (!running.stream().allMatch(each -> each.writer().isBroken())) {
            throw new AssertionError("a connection has outlived its site");
        }
        running = List.of();
    }

    /** Lets all that was asked for be answered, and disconnects. */
    void stop() {
        running.forEach(each -> each.writer().stop());
        end();
        if (running.stream().anyMatch(each -> each.writer().isBroken())) {
            throw new AssertionError("a connection was lost that nobody has broken");
        }
        running = List.of();
    }

    private void end() {
        running.forEach(each -> each.end().join());
    }

    private Running start(Writer writer) {
        return new Running(writer, CompletableFuture.runAsync(writer, run -> Thread.ofPlatform()
                .daemon()
                .start(run)));
    }

    private List<Writer.Part> parts(Work work) {
        DiskSpec disk = work.disk();
        int share = Math.toIntExact(disk.sizeBytes() / Image.BLOCK_BYTES / work.connections());
        URI export = URI.create(Objects.requireNonNull(uris.get(disk.name())));
        return IntStream.range(0, work.connections())
                .mapToObj(i -> new Writer.Part(export, disk.name(), i * share, share))
                .toList();
    }
}
