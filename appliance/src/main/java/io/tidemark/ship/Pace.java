package io.tidemark.ship;

import io.tidemark.journal.TimedOwner;
import io.tidemark.link.Uplink;
import io.tidemark.link.pace.TokenBucket;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/** How fast a shipper sends, and how fast it may. The shipper's thread. */
final class Pace {

    private final TimedOwner owner;
    private final LongSupplier nanoTime;
    private final Optional<TokenBucket> bucket;
    private final Throughput throughput;
    private long lastWireBytes;
    private boolean waiting;

    Pace(ShipSettings settings, TimedOwner owner, LongSupplier nanoTime) {
        this.owner = owner;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        this.bucket = settings.rateBytesPerSecond().stream()
                .mapToObj(rate -> new TokenBucket(
                        rate, Math.max(1, rate * settings.rateBurst().toMillis() / 1000), now))
                .findFirst();
        this.throughput = new Throughput(now);
    }

    /** A session begins. */
    void begin() {
        lastWireBytes = 0;
    }

    /** So much was sent. */
    void take(int wireBytes) {
        bucket.ifPresent(limit -> limit.take(wireBytes, nanoTime.getAsLong()));
    }

    /** Whether nothing may be sent now; {@code then} runs when something may again. */
    boolean isOver(Runnable then) {
        long delay = bucket.map(limit -> limit.delayNanos(nanoTime.getAsLong())).orElse(0L);
        if (delay > 0 && !waiting) {
            waiting = true;
            owner.after(Duration.ofNanos(delay), () -> {
                waiting = false;
                then.run();
            });
        }
        return delay > 0;
    }

    /** What the session has sent by now. */
    void measure(Uplink.Counters counters) {
        long wireBytes = counters.wireBytes() - counters.queuedBytes();
        throughput.add(Math.max(0, wireBytes - lastWireBytes), nanoTime.getAsLong());
        lastWireBytes = Math.max(lastWireBytes, wireBytes);
    }

    double bytesPerSecond() {
        return throughput.bytesPerSecond(nanoTime.getAsLong());
    }
}
