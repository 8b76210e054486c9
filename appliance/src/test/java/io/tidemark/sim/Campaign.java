package io.tidemark.sim;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs of one seed after the other on all cores, until one fails, all are done, or nobody wants more. */
final class Campaign {

    /** As many seeds as there is time for. */
    static final long WITHOUT_END = 0;

    private static final Duration TELL_INTERVAL = Duration.ofSeconds(20);

    private final long seeds;
    private final int steps;
    private final AtomicLong next;
    private final long end;
    private final long began = System.nanoTime();
    private final AtomicReference<@Nullable AssertionError> failure = new AtomicReference<>();
    private final Map<Trace.Word, Long> events = new EnumMap<>(Trace.Word.class); // guarded by this
    private long done; // guarded by this

    Campaign(long first, long seeds, int steps) {
        this.seeds = seeds;
        this.steps = steps;
        this.next = new AtomicLong(first);
        this.end = seeds == WITHOUT_END ? Long.MAX_VALUE : first + seeds;
    }

    /** Fails with the first run that does. */
    void run() throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        try (ExecutorService workers = Executors.newFixedThreadPool(cores)) {
            for (int i = 0; i < cores; i++) {
                workers.execute(this::work);
            }
            workers.shutdown();
            while (!workers.awaitTermination(TELL_INTERVAL.toSeconds(), TimeUnit.SECONDS)) {
                tell();
            }
        }
        tell();
        Optional<AssertionError> found = Optional.ofNullable(failure.get());
        if (found.isPresent()) {
            throw found.get();
        }
    }

    private void work() {
        for (long seed = next.getAndIncrement(); seed < end && failure.get() == null; seed = next.getAndIncrement()) {
            try {
                count(Simulator.trace(seed, steps));
            } catch (AssertionError e) {
                failure.compareAndSet(null, e);
            }
        }
    }

    private synchronized void count(Trace trace) {
        done++;
        trace.counts().forEach((word, times) -> events.merge(word, times, Long::sum));
    }

    /** For whoever watches: not a line of a log. */
    private synchronized void tell() {
        double seconds = (System.nanoTime() - began) / 1e9;
        String all = events.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining(", "));
        System.out.printf(
                "simulated %d seeds of %s, %.1f a second: %s%n",
                done, seeds == WITHOUT_END ? "any" : String.valueOf(seeds), done / seconds, all);
    }
}
