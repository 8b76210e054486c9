package io.tidemark.metrics;

import io.tidemark.journal.Sequence;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How far a watermark is behind what was appended, in bytes and seconds: from samples of the end of the journal, one a second.
 * One thread.
 */
final class LagTracker {

    /** An hour of samples; what is older is told as that old at least. */
    static final int SAMPLES_MAX = 3600;

    private static final double NANOS = 1e9;

    private record Sample(Sequence appended, long bytes, long nanos) {}

    private final Deque<Sample> samples = new ArrayDeque<>();

    /** The journal ends at {@code appended} now, and {@code bytes} were written so far. */
    void sample(Sequence appended, long bytes, long nowNanos) {
        if (!samples.isEmpty() && samples.getLast().appended().equals(appended)) {
            samples.removeLast();
        }
        samples.addLast(new Sample(appended, bytes, nowNanos));
        if (samples.size() > SAMPLES_MAX) {
            samples.removeFirst();
        }
    }

    /** Bytes written behind the watermark, about. */
    double bytesBehind(Sequence watermark) {
        Sample end = samples.getLast();
        return watermark.isBefore(end.appended())
                ? end.bytes() - before(watermark).bytes()
                : 0;
    }

    /** Age of the oldest record behind the watermark, about; zero when there is none. */
    double secondsBehind(Sequence watermark, long nowNanos) {
        return watermark.isBefore(samples.getLast().appended())
                ? (nowNanos - before(watermark).nanos()) / NANOS
                : 0;
    }

    /** Bytes written a second, over the last samples. */
    double bytesPerSecond() {
        Sample last = samples.getLast();
        Sample earlier = samples.stream()
                .skip(Math.max(0, samples.size() - 10))
                .findFirst()
                .orElse(last);
        double seconds = (last.nanos() - earlier.nanos()) / NANOS;
        return seconds <= 0 ? 0 : (last.bytes() - earlier.bytes()) / seconds;
    }

    /** The newest sample that the watermark has reached, or the oldest there is. */
    private Sample before(Sequence watermark) {
        Sample found = samples.getFirst();
        for (Sample each : samples) {
            if (each.appended().isAfter(watermark)) {
                break;
            }
            found = each;
        }
        return found;
    }
}
