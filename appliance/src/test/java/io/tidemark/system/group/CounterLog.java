package io.tidemark.system.group;

import java.net.URI;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * A log over several disks. Each writer's entries are numbered, no two in a row are on one disk, and each is asked for only after
 * the one before was acknowledged. An entry tells what it has seen of all writers: whoever finds it knows what else has to be there.
 *
 * <p>Any thread, but one writer's entries come from one.
 */
final class CounterLog {

    /** A disk of a VM. */
    record Disk(String vm, String name) {}

    private final List<Disk> disks;
    private final Map<Disk, URI> uris;
    private final List<Placement> placements;
    private final AtomicLongArray asked;
    private final AtomicLongArray acknowledged;
    private final TreeMap<Long, List<Long>> acknowledgedBefore = new TreeMap<>();
    private final TreeMap<Long, List<Long>> askedAfter = new TreeMap<>();

    /**
     * A log in which nothing is written.
     *
     * @param uris of the disks, three at least
     * @param entriesMax of one writer
     * @param random decides which entry is on which disk
     */
    CounterLog(Map<Disk, URI> uris, int writers, int entriesMax, Random random) {
        if (writers > Entry.writersMax()) {
            throw new IllegalArgumentException(writers + " writers");
        }
        this.uris = Map.copyOf(uris);
        this.disks = uris.keySet().stream()
                .sorted(Comparator.comparing(Disk::toString))
                .toList();
        this.placements = IntStream.range(0, writers)
                .mapToObj(writer -> new Placement(disks, entriesMax, random))
                .toList();
        this.asked = new AtomicLongArray(writers);
        this.acknowledged = new AtomicLongArray(writers);
    }

    /** What a disk has to hold at least. */
    static long diskBytes(int writers, int entriesMax) {
        return (long) writers * (slotsMax(entriesMax) + DiskContent.SLOTS_BEHIND) * Entry.BYTES;
    }

    List<Disk> disks() {
        return disks;
    }

    int writers() {
        return placements.size();
    }

    URI uri(Disk disk) {
        return Optional.ofNullable(uris.get(disk)).orElseThrow();
    }

    /** Whether the writer has used up its slots. */
    boolean isFull(int writer) {
        return asked.get(writer) >= placements.get(writer).entries();
    }

    /** The writer is about to ask for its next entry. */
    Entry ask(int writer) {
        List<Long> seen = numbers(acknowledged);
        return new Entry(writer, asked.incrementAndGet(writer), seen);
    }

    void acknowledged(Entry entry) {
        acknowledged.set(entry.writer(), entry.number());
    }

    /** How many are acknowledged, of all writers. */
    long acknowledged() {
        return numbers(acknowledged).stream().mapToLong(Long::longValue).sum();
    }

    Placement.Slot slotOf(Entry entry) {
        return placements.get(entry.writer()).of(entry.number());
    }

    /** Where a slot of a writer is on its disk. */
    long offset(int writer, int slot) {
        return ((long) writer * slotsMax(placements.get(writer).entries()) + slot) * Entry.BYTES;
    }

    /** So many slots of the writer on this disk may be in use. */
    int slotsInUse(int writer, Disk disk) {
        return placements.get(writer).count(disk, asked.get(writer));
    }

    /** Looks at what the newest record of the journal is, between two looks at the log. One thread. */
    void sight(LongSupplier newestRecord) {
        List<Long> before = numbers(acknowledged);
        long sequence = newestRecord.getAsLong();
        acknowledgedBefore.put(sequence, before);
        askedAfter.putIfAbsent(sequence, numbers(asked));
    }

    /**
     * Some disks, all as of one sequence: no entry is there without those before it, or without what it has seen; and what was
     * sighted fits. The thread that looks.
     */
    void check(long sequence, Collection<DiskContent> found) {
        String at = "at record " + sequence;
        Map.Entry<Long, List<Long>> earlier = acknowledgedBefore.floorEntry(sequence);
        Map.Entry<Long, List<Long>> later = askedAfter.ceilingEntry(sequence);
        for (int writer = 0; writer < writers(); writer++) {
            Optional<Entry> newest = newest(writer, found);
            newest.ifPresent(entry -> {
                requireAll(found, entry.writer(), entry.number(), at + ", where the newest is " + entry);
                for (int other = 0; other < writers(); other++) {
                    requireAll(found, other, entry.seen().get(other), at + ", where there is " + entry);
                }
            });
            if (earlier != null) {
                requireAll(
                        found,
                        writer,
                        earlier.getValue().get(writer),
                        at + ", acknowledged before " + earlier.getKey());
            }
            long last = newest.map(Entry::number).orElse(0L);
            if (later != null && last > later.getValue().get(writer)) {
                throw new AssertionError("%s: entry %d of writer %d was not yet asked for at record %d"
                        .formatted(at, last, writer, later.getKey()));
            }
        }
    }

    private static Optional<Entry> newest(int writer, Collection<DiskContent> found) {
        return found.stream().flatMap(disk -> disk.newest(writer).stream()).max(Comparator.comparing(Entry::number));
    }

    /** All entries of the writer up to this one are there, as far as they are on disks that were read. */
    private void requireAll(Collection<DiskContent> found, int writer, long upTo, String why) {
        for (DiskContent disk : found) {
            int wanted = placements.get(writer).count(disk.disk(), upTo);
            int there = disk.entries(writer).size();
            if (there < wanted) {
                throw new AssertionError("%s: of the entries of writer %d up to %d, %s has %d, not %d"
                        .formatted(why, writer, upTo, disk.disk(), there, wanted));
            }
        }
    }

    /** Of a writer on one disk, since no two in a row are on the same. */
    private static int slotsMax(int entries) {
        return entries / 2 + 1;
    }

    private static List<Long> numbers(AtomicLongArray array) {
        return IntStream.range(0, array.length()).mapToObj(array::get).toList();
    }
}
