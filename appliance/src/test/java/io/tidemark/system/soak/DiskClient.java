package io.tidemark.system.soak;

import io.tidemark.system.DiskSpec;
import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.kill.ClientLog;
import io.tidemark.system.kill.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The only client of a disk. It writes a little, rests a little, reads what it has written, and connects again when its
 * connection is lost.
 *
 * <p>A guest whose only disk this is asks again for what was not answered. A source that has its own disk has gone on without
 * us: it copies that disk anew, at once or some time later, and says so by REST.
 */
final class DiskClient implements Runnable {

    private static final int REQUESTS_MAX = 4;
    private static final int BLOCKS_MAX = 8;
    private static final int COPY_BLOCKS = 64;
    private static final int REST_MILLIS_MAX = 1800;
    private static final int RECONNECT_MILLIS = 250;
    private static final int MENDS_ONE_IN = 6;
    private static final int JOBS_ONE_IN = 30;
    private static final int READS_ONE_IN = 5;

    private final DiskSpec disk;
    private final URI export;
    private final CopyJob job;
    private final ClientLog log;
    private final Random random;
    private final long[] current;
    private final Map<Long, Request> unanswered = new LinkedHashMap<>();
    private final CountDownLatch quiet = new CountDownLatch(1);
    private final CountDownLatch leave = new CountDownLatch(1);
    private volatile boolean tired;
    private volatile boolean ended;
    private volatile Optional<Throwable> failure = Optional.empty();
    private final AtomicInteger losses = new AtomicInteger();
    private final AtomicInteger copies = new AtomicInteger();
    private boolean outOfStep;
    private long cookie;

    /**
     * @param export where the disk is
     * @param job who says by REST that a copy begins and ends
     */
    DiskClient(DiskSpec disk, URI export, CopyJob job, ClientLog log, Random random) {
        this.disk = disk;
        this.export = export;
        this.job = job;
        this.log = log;
        this.random = random;
        this.current = new long[Math.toIntExact(disk.sizeBytes() / Image.BLOCK_BYTES)];
        this.outOfStep = isCopied();
    }

    /** Asks it to come to rest: all answered, in step with its source, and still connected. */
    void calm() {
        tired = true;
    }

    /** Whether it is at rest. What has gone wrong with it is thrown. */
    boolean isCalm() {
        check();
        return quiet.getCount() == 0;
    }

    /** What has gone wrong with it is thrown. */
    void check() {
        failure.ifPresent(thrown -> {
            throw new AssertionError("client of " + disk + ": " + thrown.getMessage(), thrown);
        });
    }

    /** Lets one that is at rest disconnect. */
    void leave() {
        leave.countDown();
    }

    /** Whether it has disconnected. */
    boolean isGone() {
        check();
        return ended;
    }

    /** Connections that were lost. */
    int losses() {
        return losses.get();
    }

    /** Copies of the whole disk that were complete. */
    int copies() {
        return copies.get();
    }

    @Override
    public void run() {
        try {
            while (!ended) {
                live();
            }
        } catch (InterruptedException | RuntimeException | AssertionError thrown) {
            failure = Optional.of(thrown);
        }
    }

    private void live() throws InterruptedException {
        try (NbdConnection connection = new NbdConnection(export)) {
            catchUp(connection);
            while (!tired) {
                writeSome(connection);
                if (isCopied() && random.nextInt(outOfStep ? MENDS_ONE_IN : JOBS_ONE_IN) == 0) {
                    copy(connection);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(REST_MILLIS_MAX)));
            }
            rest(connection);
        } catch (IOException | UncheckedIOException lost) {
            losses.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RECONNECT_MILLIS));
        }
    }

    /** What a source of its own could not tell us it has on its own disk; any other asks for it again. */
    private void catchUp(NbdConnection connection) throws IOException {
        if (isCopied()) {
            outOfStep = true;
            unanswered.values().forEach(request -> request.answered(log));
            unanswered.clear();
            return;
        }
        for (Map.Entry<Long, Request> each : unanswered.entrySet()) {
            each.getValue().ask(connection, each.getKey());
        }
        await(connection);
    }

    private void rest(NbdConnection connection) throws IOException, InterruptedException {
        while (outOfStep) {
            copy(connection);
        }
        if (!isCopied()) {
            ask(connection, new Request.Flush(log.flush()));
            await(connection);
        }
        quiet.countDown();
        leave.await();
        connection.ask(Command.DISCONNECT, 0, 0, 0);
        connection.send();
        ended = true;
    }

    /** The whole disk, as a source copies it; in step from the instant at which we are told that it is complete. */
    private void copy(NbdConnection connection) throws IOException {
        if (!job.begin(disk.name())) {
            return;
        }
        for (int first = 0; first < current.length; first += COPY_BLOCKS) {
            change(connection, Command.WRITE, first, Math.min(COPY_BLOCKS, current.length - first));
            await(connection);
        }
        if (job.end(disk.name())) {
            outOfStep = false;
            copies.incrementAndGet();
        }
    }

    private void writeSome(NbdConnection connection) throws IOException {
        int requests = 1 + random.nextInt(REQUESTS_MAX);
        int share = current.length / requests;
        for (int i = 0; i < requests; i++) {
            int blocks = Math.min(1 + random.nextInt(BLOCKS_MAX), share);
            change(connection, command(), i * share + random.nextInt(share - blocks + 1), blocks);
        }
        if (random.nextInt(3) == 0) {
            ask(connection, new Request.Flush(log.flush()));
        }
        await(connection);
        if (random.nextInt(READS_ONE_IN) == 0 && !outOfStep) {
            readSome(connection);
        }
        if (disk.attachMode().equals("mirror-background")) {
            outOfStep = true; // its order is not kept: a copy is right at its end only
        }
    }

    private Command command() {
        return switch (random.nextInt(20)) {
            case 0 -> Command.TRIM;
            case 1 -> Command.WRITE_ZEROES;
            case 2 -> Command.WRITE_DURABLY;
            default -> Command.WRITE;
        };
    }

    private void change(NbdConnection connection, Command command, int first, int blocks) throws IOException {
        boolean zeroes = command == Command.TRIM || command == Command.WRITE_ZEROES;
        ClientLog.Write write = zeroes ? log.zeroes(disk.name(), first, blocks) : log.write(disk.name(), first, blocks);
        Arrays.fill(current, first, first + blocks, write.number());
        ask(connection, new Request.Change(command, write));
    }

    private void readSome(NbdConnection connection) throws IOException {
        int blocks = Math.min(1 + random.nextInt(COPY_BLOCKS), current.length);
        int first = random.nextInt(current.length - blocks + 1);
        byte[] found = connection.read((long) first * Image.BLOCK_BYTES, blocks * Image.BLOCK_BYTES);
        for (int i = 0; i < blocks; i++) {
            long number = current[first + i];
            byte[] wanted = number == 0 ? new byte[Image.BLOCK_BYTES] : Image.block(disk.name(), first + i, number);
            if (!Arrays.equals(
                    found, i * Image.BLOCK_BYTES, (i + 1) * Image.BLOCK_BYTES, wanted, 0, Image.BLOCK_BYTES)) {
                throw new AssertionError("block " + (first + i) + " is not what write " + number + " left");
            }
        }
    }

    private void ask(NbdConnection connection, Request request) throws IOException {
        cookie++;
        unanswered.put(cookie, request);
        request.ask(connection, cookie);
    }

    private void await(NbdConnection connection) throws IOException {
        connection.send();
        while (!unanswered.isEmpty()) {
            Request request = unanswered.remove(connection.answer());
            if (request == null) {
                throw new AssertionError("an answer to nothing that was asked");
            }
            request.answered(log);
        }
    }

    private boolean isCopied() {
        return !disk.attachMode().equals("direct");
    }
}
