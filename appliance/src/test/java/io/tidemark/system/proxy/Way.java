package io.tidemark.system.proxy;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** One direction of a connection: a thread that reads, a line in which bytes wait their time, a thread that writes. */
final class Way {

    private static final int CHUNK_BYTES = 64 << 10;
    private static final int CHUNKS_MAX = 64;
    private static final Chunk END = new Chunk(ByteBuffer.allocate(0), Long.MIN_VALUE);

    /** Bytes that have come together; none is the end. */
    private record Chunk(ByteBuffer bytes, long dueNanos) {}

    private final Socket from;
    private final Socket to;
    private final Direction direction;
    private final int connection;
    private final Weather weather;
    private final Random random;
    private final Runnable abort;
    private final BlockingQueue<Chunk> line = new ArrayBlockingQueue<>(CHUNKS_MAX);
    private volatile boolean dropping;

    Way(Socket from, Socket to, Direction direction, int connection, Weather weather, Random random, Runnable abort) {
        this.from = from;
        this.to = to;
        this.direction = direction;
        this.connection = connection;
        this.weather = weather;
        this.random = random;
        this.abort = abort;
    }

    /** From here on bytes are read and lost. Who sent them is told nothing. */
    void drop() {
        dropping = true;
    }

    /** To be run by a thread of its own. */
    void read() {
        try {
            byte[] buffer = new byte[CHUNK_BYTES];
            for (int count = from.getInputStream().read(buffer);
                    count >= 0;
                    count = from.getInputStream().read(buffer)) {
                long due = System.nanoTime() + weather.latencyNanos(connection);
                line.put(new Chunk(ByteBuffer.wrap(Arrays.copyOf(buffer, count)), due));
            }
            line.put(END);
        } catch (IOException lost) {
            abort.run();
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /** To be run by a thread of its own. */
    void write() {
        try {
            for (Chunk chunk = line.take(); chunk.bytes().hasRemaining(); chunk = line.take()) {
                pause(chunk.dueNanos() - System.nanoTime());
                weather.awaitRelease(direction);
                pause(weather.nanos(chunk.bytes().remaining()));
                if (!dropping) {
                    to.getOutputStream().write(corrupted(chunk.bytes().array()));
                    weather.pass(chunk.bytes().capacity());
                }
            }
            if (!dropping) {
                to.shutdownOutput();
            }
        } catch (IOException lost) {
            abort.run();
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] corrupted(byte[] bytes) {
        if (weather.takeCorruption(direction)) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(Byte.SIZE));
        }
        return bytes;
    }

    /** A slow path is made of time. */
    private static void pause(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos);
    }
}
