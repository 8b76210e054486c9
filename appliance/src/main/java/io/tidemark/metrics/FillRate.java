package io.tidemark.metrics;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How fast a journal fills up, from samples of what its records take: the faster of the last minute and the last ten, since room
 * is taken and given back a segment at a time. One thread.
 */
final class FillRate {

    private static final double NANOS = 1e9;
    private static final double[] WINDOW_SECONDS = {60, 600};

    private record Sample(long bytes, long nanos) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** Records take so many bytes now; what is only prepared for them is not counted. */
    void sample(long bytes, long nowNanos) {
        samples.addLast(new Sample(bytes, nowNanos));
        while (seconds(samples.getFirst()) > WINDOW_SECONDS[WINDOW_SECONDS.length - 1]) {
            samples.removeFirst();
        }
    }

    /** When so many bytes are taken if it goes on like this; infinite when it does not grow. */
    double secondsUntilFull(long roomBytes) {
        double fastest = 0;
        for (double window : WINDOW_SECONDS) {
            fastest = Math.max(fastest, bytesPerSecond(window));
        }
        return fastest > 0 ? roomBytes / fastest : Double.POSITIVE_INFINITY;
    }

    private double bytesPerSecond(double window) {
        Sample now = samples.getLast();
        Sample earlier = samples.stream()
                .filter(sample -> seconds(sample) <= window)
                .findFirst()
                .orElse(now);
        // A segment at a time: over less than the window it would look like a flood.
        return (now.bytes() - earlier.bytes()) / window;
    }

    private double seconds(Sample sample) {
        return (samples.getLast().nanos() - sample.nanos()) / NANOS;
    }
}
