package io.tidemark.system.group;

import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * One writer of a log, with a connection of its own to each disk. It has one entry under way at a time, and now and then flushes one
 * of the disks.
 */
final class LogWriter implements Runnable {

    private static final int ENTRIES_A_FLUSH = 12;

    private final CounterLog log;
    private final int writer;
    private final Random random;
    private final Semaphore pace;
    private volatile boolean stopped;

    /** @param pace has a permit for each entry that may be written */
    LogWriter(CounterLog log, int writer, Random random, Semaphore pace) {
        this.log = log;
        this.writer = writer;
        this.random = random;
        this.pace = pace;
    }

    /** Ends after the entry under way, or the next if it waits for a permit. */
    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        Map<CounterLog.Disk, NbdConnection> connections = new HashMap<>();
        try {
            for (CounterLog.Disk disk : log.disks()) {
                connections.put(disk, new NbdConnection(log.uri(disk)));
            }
            while (!stopped && !log.isFull(writer)) {
                write(connections);
            }
            for (NbdConnection each : connections.values()) {
                each.close();
            }
        } catch (IOException lost) {
            throw new AssertionError("writer " + writer + " has lost its disk", lost);
        }
    }

    private void write(Map<CounterLog.Disk, NbdConnection> connections) throws IOException {
        pace.acquireUninterruptibly();
        Entry entry = log.ask(writer);
        Placement.Slot slot = log.slotOf(entry);
        NbdConnection disk = Objects.requireNonNull(connections.get(slot.disk()));
        disk.run(Command.WRITE, log.offset(writer, slot.slot()), Entry.BYTES, entry.toBytes());
        log.acknowledged(entry);
        if (random.nextInt(ENTRIES_A_FLUSH) == 0) {
            disk.run(Command.FLUSH, 0, 0);
        }
    }
}
