package io.tidemark.system.kill;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the client of some disks knows: what it has asked for, what was acknowledged, and when, on a clock that goes on with
 * each event.
 *
 * <p>A write happens at some instant between its request and its acknowledgement, a flush too. A cut through all disks is
 * right if there is one instant at which they looked like that: everything acknowledged before is there, nothing asked for
 * after. So every check asks "when?", and "never" is a fault. A block has one write in flight at the most.
 *
 * <p>Any thread.
 */
public final class ClientLog {

    /** A block of a disk. */
    private record Place(String disk, int block) {}

    /** What a request makes of one block; it never happened if it was revoked. */
    private static final class Change {
        private final long number;
        private final long asked;
        private long acknowledged = Instants.NEVER;
        private boolean revoked;
        private boolean durable;
        private long seenAtPoint = Long.MAX_VALUE;

        private Change(long number, long asked) {
            this.number = number;
            this.asked = asked;
        }
    }

    /**
     * A request that changes blocks.
     *
     * @param number what the blocks hold then, zero for zeroes
     */
    public record Write(String disk, int first, int blocks, long number) {

        public byte[] payload() {
            byte[] all = new byte[blocks * Image.BLOCK_BYTES];
            for (int i = 0; i < blocks; i++) {
                System.arraycopy(
                        Image.block(disk, first + i, number), 0, all, i * Image.BLOCK_BYTES, Image.BLOCK_BYTES);
            }
            return all;
        }
    }

    /** A flush, by the event of its request. */
    public record Flush(long asked) {}

    /** A sequence that was seen when it was the newest, or a point that was read. */
    private record Sighting(long sequence, long from, long to) {}

    private final Map<Place, List<Change>> histories = new HashMap<>();
    private final Map<Flush, Long> flushes = new HashMap<>();
    private final List<Sighting> sightings = new ArrayList<>();
    private long clock;
    private long acknowledgedWrites;
    private long promised = -1;
    private long acknowledgedFlushes;
    private long refusedWrites;
    private long askedBytes;

    /** The client is about to ask for this write. */
    public synchronized Write write(String disk, int first, int blocks) {
        long number = tick();
        return ask(new Write(disk, first, blocks, number), number);
    }

    /** The client is about to ask for zeroes. */
    public synchronized Write zeroes(String disk, int first, int blocks) {
        return ask(new Write(disk, first, blocks, 0), tick());
    }

    public synchronized void acknowledged(Write write) {
        long now = tick();
        for (int i = 0; i < write.blocks(); i++) {
            history(new Place(write.disk(), write.first() + i)).getLast().acknowledged = now;
        }
        acknowledgedWrites++;
    }

    /** A write that was answered with an error of which the client may be sure that nothing has happened. */
    synchronized void refused(Write write) {
        tick();
        for (int i = 0; i < write.blocks(); i++) {
            history(new Place(write.disk(), write.first() + i)).removeLast();
        }
        askedBytes -= write.number() == 0 ? 0 : (long) write.blocks() * Image.BLOCK_BYTES;
        refusedWrites++;
    }

    synchronized long refusedWrites() {
        return refusedWrites;
    }

    /** A write that survives a power cut, with all that was acknowledged before it was asked for. */
    public synchronized void acknowledgedDurably(Write write) {
        acknowledged(write);
        for (int i = 0; i < write.blocks(); i++) {
            history(new Place(write.disk(), write.first() + i)).getLast().durable = true;
        }
        promised = Math.max(promised, write.number());
    }

    /** The client is about to ask for a flush. */
    public synchronized Flush flush() {
        Flush flush = new Flush(tick());
        flushes.put(flush, Instants.NEVER);
        return flush;
    }

    public synchronized void acknowledged(Flush flush) {
        promised = Math.max(promised, flush.asked());
        flushes.put(flush, tick());
        acknowledgedFlushes++;
    }

    public synchronized long acknowledgedWrites() {
        return acknowledgedWrites;
    }

    synchronized long acknowledgedFlushes() {
        return acknowledgedFlushes;
    }

    /** Whether some flush waits for its answer right now. */
    synchronized boolean isFlushing() {
        return flushes.containsValue(Instants.NEVER);
    }

    /** Bytes that were asked to be written, zeroes not counted. */
    synchronized long askedBytes() {
        return askedBytes;
    }

    /** An event of its own: what is asked for from here on comes after it. */
    synchronized long now() {
        return tick();
    }

    /** Between the event {@code from} and now, {@code sequence} was the newest there was. */
    synchronized void sighted(long sequence, long from) {
        sightings.add(new Sighting(sequence, from, tick()));
    }

    /**
     * The disks were read while nobody was connected and nothing of the connections before could still arrive: nothing that
     * was acknowledged is missing, and what was not acknowledged is decided by what was read.
     */
    synchronized void settle(Collection<Image> disks) {
        long now = tick();
        Instants current = Instants.between(now, now + 1);
        instants(disks, current, "now that all is quiet");
        for (Image disk : disks) {
            for (int block = 0; block < disk.blocks().size(); block++) {
                List<Change> history = history(new Place(disk.disk(), block));
                Change last = history.getLast();
                if (last.acknowledged == Instants.NEVER) {
                    last.revoked = disk.blocks().get(block) != last.number;
                    last.acknowledged = now;
                }
                history.removeIf(change -> change.revoked);
            }
        }
        flushes.replaceAll((flush, answered) -> Math.min(answered, now));
    }

    /**
     * The power was cut, and the disks were read while nobody was connected. They are as they were at some instant behind the
     * last promise of a flush; what came later has never happened. Sequences behind {@code kept} may be given again.
     */
    synchronized void settleAfterPowerCut(Collection<Image> disks, long kept) {
        long now = tick();
        Instants.Span when = instants(disks, Instants.between(promised, now + 1), "after the power cut")
                .spans()
                .getLast();
        for (Image disk : disks) {
            for (int block = 0; block < disk.blocks().size(); block++) {
                revokeLater(new Place(disk.disk(), block), disk.blocks().get(block), when);
            }
        }
        histories
                .values()
                .forEach(history -> history.getLast().acknowledged = Math.min(history.getLast().acknowledged, now));
        flushes.replaceAll((flush, answered) -> Math.min(answered, now));
        sightings.removeIf(each -> each.sequence() > kept);
    }

    /** The block was seen with this number at that time: its later changes are gone. */
    private void revokeLater(Place place, long number, Instants.Span when) {
        List<Change> history = history(place);
        int last = history.size() - 1;
        while (history.get(last).number != number || history.get(last).asked >= when.to()) {
            if (history.get(last).durable) {
                throw new AssertionError("after the power cut: %s holds write %d, but write %d was durable"
                        .formatted(place, number, history.get(last).number));
            }
            history.remove(last);
            last--;
        }
    }

    /** The disks are as the client left them. It is quiet. */
    public synchronized void checkCurrent(Collection<Image> disks) {
        long now = tick();
        instants(disks, Instants.between(now, now + 1), "now that all is quiet");
    }

    /** Checks the disks at a recovery point: there was such an instant, and it fits every sequence seen so far. */
    public synchronized void checkPoint(long sequence, boolean atFlush, Collection<Image> disks) {
        String what = "at point " + sequence;
        Instants looked = instants(disks, Instants.ALL, what);
        Instants when = looked;
        for (Sighting each : sightings) {
            Instants seen = Instants.between(each.from(), each.to());
            if (each.sequence() == sequence) {
                narrowed(looked, seen, () -> what + ", still the newest at " + each);
            } else {
                when = narrowed(
                        when,
                        each.sequence() < sequence ? seen.andAfter() : seen.andBefore(),
                        () -> what + ", seen " + each);
            }
        }
        Instants found = when;
        if (atFlush
                && flushes.entrySet().stream()
                        .allMatch(flush -> during(flush, found).isEmpty())) {
            throw new AssertionError(what + ": no flush at " + found);
        }
        checkOrder(sequence, disks);
        sightings.add(new Sighting(sequence, found.first(), found.last()));
    }

    /** What an earlier point shows is not undone in a later one. Zeroes, which come more than once, are left to the instants. */
    private void checkOrder(long sequence, Collection<Image> disks) {
        for (Image disk : disks) {
            for (int block = 0; block < disk.blocks().size(); block++) {
                Place place = new Place(disk.disk(), block);
                long number = disk.blocks().get(block);
                for (Change each : history(place).reversed()) {
                    if (each.number == number) {
                        each.seenAtPoint = number == 0 ? each.seenAtPoint : Math.min(each.seenAtPoint, sequence);
                        break;
                    }
                    if (each.seenAtPoint < sequence) {
                        throw new AssertionError("at point %d: %s holds write %d, but write %d was there at point %d"
                                .formatted(sequence, place, number, each.number, each.seenAtPoint));
                    }
                }
            }
        }
    }

    private static Instants during(Map.Entry<Flush, Long> flush, Instants when) {
        return when.intersect(Instants.between(flush.getKey().asked(), flush.getValue()));
    }

    /** The instants among {@code when} at which all disks looked like this. */
    private Instants instants(Collection<Image> disks, Instants when, String what) {
        Instants all = when;
        for (Image disk : disks) {
            for (int block = 0; block < disk.blocks().size(); block++) {
                Place place = new Place(disk.disk(), block);
                long number = disk.blocks().get(block);
                all = narrowed(all, instants(place, number), () -> what + ": " + place + " holds write " + number);
            }
        }
        return all;
    }

    /** When a block held this: from when its write was asked for to when the one after it was acknowledged. */
    private Instants instants(Place place, long number) {
        List<Change> history = history(place);
        List<Instants.Span> spans = new ArrayList<>();
        for (int i = 0; i < history.size(); i++) {
            if (history.get(i).number == number) {
                long end = i + 1 < history.size() ? history.get(i + 1).acknowledged : Instants.NEVER;
                boolean goesOn = i > 0 && history.get(i - 1).number == number;
                long begin = goesOn ? spans.removeLast().from() : history.get(i).asked;
                spans.add(new Instants.Span(begin, end));
            }
        }
        return new Instants(spans);
    }

    private static Instants narrowed(Instants when, Instants other, Supplier<String> what) {
        Instants both = when.intersect(other);
        if (both.isEmpty()) {
            throw new AssertionError(what.get() + ": that was at " + other + ", all before it at " + when);
        }
        return both;
    }

    private Write ask(Write write, long now) {
        for (int i = 0; i < write.blocks(); i++) {
            List<Change> history = history(new Place(write.disk(), write.first() + i));
            if (history.getLast().acknowledged == Instants.NEVER) {
                throw new IllegalStateException("a write is in flight: " + write);
            }
            history.add(new Change(write.number(), now));
        }
        askedBytes += write.number() == 0 ? 0 : (long) write.blocks() * Image.BLOCK_BYTES;
        return write;
    }

    private List<Change> history(Place place) {
        return histories.computeIfAbsent(place, unwritten -> {
            Change empty = new Change(0, -1);
            empty.acknowledged = -1;
            return new ArrayList<>(List.of(empty));
        });
    }

    private long tick() {
        return ++clock;
    }
}
