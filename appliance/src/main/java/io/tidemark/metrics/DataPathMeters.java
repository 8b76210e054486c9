package io.tidemark.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidemark.intake.IntakeMeter;
import io.tidemark.journal.StreamId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Latencies and bytes of the data path, counted where they happen. Any thread. */
public final class DataPathMeters implements IntakeMeter {

    private static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(250_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final Timer writes;
    private final Timer flushes;
    private final Timer reads;
    private final Timer pointDelays;
    private final LongAdder refused = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final Map<StreamId, LongAdder> writtenByStream = new ConcurrentHashMap<>();
    private final Map<StreamId, LongAdder> readByStream = new ConcurrentHashMap<>();

    public DataPathMeters(MeterRegistry registry) {
        writes = timer(registry, "tidemark.write", "from the receipt of a write to its acknowledgement");
        flushes = timer(registry, "tidemark.flush", "from the receipt of a flush or FUA write to its acknowledgement");
        reads = timer(registry, "tidemark.read", "from the receipt of a read to its answer");
        pointDelays =
                timer(registry, "tidemark.point.delay", "from the end of an epoch to its durability at the replica");
        registry.more().counter("tidemark.refused", List.of(), refused);
    }

    @Override
    public void written(StreamId stream, int bytes, long nanos) {
        writes.record(nanos, TimeUnit.NANOSECONDS);
        written.add(bytes);
        adder(writtenByStream, stream).add(bytes);
    }

    @Override
    public void flushed(StreamId stream, int bytes, long nanos) {
        flushes.record(nanos, TimeUnit.NANOSECONDS);
        written.add(bytes);
        adder(writtenByStream, stream).add(bytes);
    }

    @Override
    public void read(StreamId stream, int bytes, long nanos) {
        reads.record(nanos, TimeUnit.NANOSECONDS);
        adder(readByStream, stream).add(bytes);
    }

    @Override
    public void refused(StreamId stream) {
        refused.increment();
    }

    /** A recovery point became durable at the replica, so long after its record was appended. */
    public void pointDelay(Duration delay) {
        pointDelays.record(delay);
    }

    /** Bytes of all writes so far. */
    long writtenBytes() {
        return written.sum();
    }

    /** Bytes written to a stream so far. */
    long writtenBytes(StreamId stream) {
        return adder(writtenByStream, stream).sum();
    }

    /** Bytes read from a stream so far. */
    long readBytes(StreamId stream) {
        return adder(readByStream, stream).sum();
    }

    private static LongAdder adder(Map<StreamId, LongAdder> adders, StreamId stream) {
        LongAdder known = adders.get(stream);
        return known != null ? known : adders.computeIfAbsent(stream, id -> new LongAdder());
    }

    private static Timer timer(MeterRegistry registry, String name, String description) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }
}
