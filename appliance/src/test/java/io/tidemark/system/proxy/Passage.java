package io.tidemark.system.proxy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** One connection through the proxy. Any thread. */
final class Passage {

    private final Socket near;
    private final Socket far = new Socket();
    private final List<Thread> threads = new ArrayList<>();
    private final Map<Direction, Way> ways;
    private boolean forsaken;
    private boolean aborted;

    /** A connection that was accepted and leads nowhere yet. */
    Passage(Socket near, int number, Weather weather, Random random) {
        this.near = near;
        this.ways = Map.of(
                Direction.FORTH, new Way(near, far, Direction.FORTH, number, weather, random, this::broken),
                Direction.BACK, new Way(far, near, Direction.BACK, number, weather, random, this::broken));
    }

    /** Connects to the other end, and lets bytes through. */
    void open(InetSocketAddress target) {
        try {
            far.setTcpNoDelay(true);
            near.setTcpNoDelay(true);
            far.connect(target);
            synchronized (this) {
                for (Way way : ways.values()) {
                    threads.add(start(way::read));
                    threads.add(start(way::write));
                }
            }
        } catch (IOException nobodyThere) {
            abort();
        }
    }

    void drop(Direction direction) {
        Objects.requireNonNull(ways.get(direction)).drop();
    }

    /** Who has connected is reset; the other end is not told. */
    void forsake() {
        synchronized (this) {
            forsaken = true;
        }
        reset(near);
    }

    private void broken() {
        synchronized (this) {
            if (forsaken) {
                return;
            }
        }
        abort();
    }

    synchronized boolean isAborted() {
        return aborted;
    }

    /** Both ends are reset. */
    void abort() {
        synchronized (this) {
            if (aborted) {
                return;
            }
            aborted = true;
            threads.forEach(Thread::interrupt);
        }
        reset(near);
        reset(far);
    }

    private static Thread start(Runnable run) {
        return Thread.ofVirtual().start(run);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException closed) {
            // it is what was wanted
        }
    }
}
