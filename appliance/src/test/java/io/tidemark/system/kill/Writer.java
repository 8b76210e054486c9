package io.tidemark.system.kill;

import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One connection of the client: some requests in flight at once, then a pause, now and then a flush, in the midst of them or
 * after; until it is told to stop or the connection breaks. It alone writes to its part of the disk.
 */
final class Writer implements Runnable {

    /** The part of a disk that one connection writes to. */
    record Part(URI export, String disk, int first, int blocks) {}

    private static final int REQUESTS_MAX = 8;
    private static final int BLOCKS_MAX = 16;
    private static final int LARGE_BLOCKS = 64;
    private static final int PAUSE_MILLIS_MAX = 20;

    private final Part part;
    private final ClientLog log;
    private final Random random;
    private final boolean mayBeRefused;
    private final Map<Long, ClientLog.Write> writes = new HashMap<>();
    private volatile boolean stopped;
    private volatile boolean broken;
    private long cookie;

    /** @param mayBeRefused whether it is used to a disk that has no space at times */
    Writer(Part part, ClientLog log, Random random, boolean mayBeRefused) {
        this.part = part;
        this.log = log;
        this.random = random;
        this.mayBeRefused = mayBeRefused;
    }

    /** Ends when everything asked for is answered. */
    void stop() {
        stopped = true;
    }

    /** Whether the connection was lost. */
    boolean isBroken() {
        return broken;
    }

    @Override
    public void run() {
        try (NbdConnection connection = new NbdConnection(part.export())) {
            while (!stopped) {
                writeSome(connection);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(PAUSE_MILLIS_MAX)));
            }
            connection.ask(Command.DISCONNECT, 0, 0, 0);
            connection.send();
        } catch (IOException lost) {
            broken = true;
        }
    }

    private void writeSome(NbdConnection connection) throws IOException {
        Map<Long, Runnable> unanswered = new HashMap<>();
        int requests = 1 + random.nextInt(REQUESTS_MAX);
        int flushAt = random.nextInt(3 * REQUESTS_MAX);
        for (int[] range : ranges(requests)) {
            ask(connection, range[0], range[1], unanswered);
            if (unanswered.size() == flushAt) {
                flush(connection, unanswered);
            }
        }
        await(connection, unanswered);
        if (random.nextInt(4) == 0) {
            flush(connection, unanswered);
            await(connection, unanswered);
        }
    }

    private void ask(NbdConnection connection, int first, int blocks, Map<Long, Runnable> unanswered)
            throws IOException {
        int kind = random.nextInt(20);
        ClientLog.Write write =
                kind < 3 ? log.zeroes(part.disk(), first, blocks) : log.write(part.disk(), first, blocks);
        Command command =
                switch (kind) {
                    case 0, 1 -> Command.TRIM;
                    case 2 -> Command.WRITE_ZEROES;
                    case 3 -> Command.WRITE_DURABLY;
                    default -> Command.WRITE;
                };
        cookie++;
        writes.put(cookie, write);
        unanswered.put(
                cookie,
                command == Command.WRITE_DURABLY
                        ? () -> log.acknowledgedDurably(write)
                        : () -> log.acknowledged(write));
        connection.ask(
                command,
                cookie,
                (long) first * Image.BLOCK_BYTES,
                blocks * Image.BLOCK_BYTES,
                write.number() == 0 ? new byte[0] : write.payload());
    }

    private void flush(NbdConnection connection, Map<Long, Runnable> unanswered) throws IOException {
        ClientLog.Flush flush = log.flush();
        cookie++;
        unanswered.put(cookie, () -> log.acknowledged(flush));
        connection.ask(Command.FLUSH, cookie, 0, 0);
    }

    private void await(NbdConnection connection, Map<Long, Runnable> unanswered) throws IOException {
        connection.send();
        while (!unanswered.isEmpty()) {
            NbdConnection.Answer answer = connection.anyAnswer();
            Runnable acknowledge = unanswered.remove(answer.cookie());
            ClientLog.Write write = writes.remove(answer.cookie());
            if (answer.error() == 0) {
                acknowledge.run();
            } else if (mayBeRefused && answer.isNoSpace() && write != null) {
                log.refused(write);
            } else {
                throw new AssertionError("request " + answer + " of " + part + " has failed");
            }
        }
    }

    /** Ranges of blocks, none touching another, since a block has one write in flight at the most. */
    private List<int[]> ranges(int count) {
        List<int[]> ranges = new ArrayList<>();
        int share = part.blocks() / count;
        for (int i = 0; i < count; i++) {
            int blocks = 1 + random.nextInt(random.nextInt(32) == 0 ? LARGE_BLOCKS : BLOCKS_MAX);
            int fitting = Math.min(blocks, share);
            ranges.add(new int[] {part.first() + i * share + random.nextInt(share - fitting + 1), fitting});
        }
        return ranges;
    }
}
