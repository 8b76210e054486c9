package io.tidemark.system.kill;

import io.tidemark.system.Await;
import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A guest that writes at a steady pace, one block after the other, and knows how long the worst write has taken. */
final class PacedGuest implements AutoCloseable {

    private static final Duration ROUND = Duration.ofSeconds(6);
    private static final Duration UNTIL_STRIKE = Duration.ofSeconds(1);
    private static final Duration UNTIL_HEAL = Duration.ofSeconds(4); // 32 MiB of writes

    private static final int BLOCK_BYTES = 16 << 10;
    private static final long INTERVAL_NANOS = Duration.ofMillis(2).toNanos();

    private final NbdConnection connection;
    private final long blocks;
    private final byte[] block = new byte[BLOCK_BYTES];
    private long written;

    PacedGuest(URI export, long diskBytes) {
        try {
            connection = new NbdConnection(export);
            connection.giveUpAfter(Await.PATIENCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        blocks = diskBytes / BLOCK_BYTES;
    }

    /** A round of writes, and what is done beside it for a time; the longest time from a request to its acknowledgement. */
    Duration worstWrite(Runnable strike, Runnable heal) {
        CompletableFuture<Void> beside =
                CompletableFuture.runAsync(strike, in(UNTIL_STRIKE)).thenRunAsync(heal, in(UNTIL_HEAL));
        long worst = 0;
        long begun = System.nanoTime();
        long roundEnd = begun + ROUND.toNanos();
        while (begun - roundEnd < 0 || !beside.isDone()) {
            write();
            long end = System.nanoTime();
            worst = Math.max(worst, end - begun);
            LockSupport.parkNanos(begun + INTERVAL_NANOS - end); // a late write is not made up for by a burst
            begun = System.nanoTime();
        }
        beside.join();
        return Duration.ofNanos(worst);
    }

    private static Executor in(Duration delay) {
        return CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void write() {
        block[0] = (byte) written;
        try {
            connection.run(Command.WRITE, written % blocks * BLOCK_BYTES, BLOCK_BYTES, block);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        written++;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
