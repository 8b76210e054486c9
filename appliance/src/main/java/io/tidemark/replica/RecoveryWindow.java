package io.tidemark.replica;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How old what is how far is: samples of what had been received when, on a monotonic clock.
 *
 * <p>As many as the window needs, however long it is and however much comes: of three samples that are less than a grain apart the one in the middle
 * goes, so what leaves the window does so at most a grain late, and never early.
 *
 * <p>Ages survive a restart, standing still while the appliance is down; wall time plays no part, so no jump of it
 * expires anything. One thread.
 */
final class RecoveryWindow {

    /** Of a window in time, and of one in bytes. */
    static final int GRAINS = 256;

    /**
     * Samples that are kept. Those in the window are at most four a grain; when something keeps older ones for long, every other of the older half goes
     * beyond that.
     */
    static final int SAMPLES_MAX = 8 * GRAINS;

    /** Far more than ever comes, and sums of it still are numbers. */
    private static final long BYTES_MAX = 1L << 62;

    private static final long AGE_MILLIS_MAX = Duration.ofDays(100 * 365).toMillis();

    /** Everything up to {@code received} had come, {@code bytes} of it since the first sample, at {@code nanos}. */
    private record Sample(Sequence received, long bytes, long nanos) {}

    /** A sample as it is saved. */
    public record Saved(
            @JsonProperty("received") Sequence received,
            @JsonProperty("bytes") long bytes,
            @JsonProperty("ageMillis") long ageMillis) {
        public Saved {
            if (bytes < 0 || bytes > BYTES_MAX || ageMillis < 0 || ageMillis > AGE_MILLIS_MAX) {
                throw new IllegalArgumentException("a sample of " + bytes + " bytes, " + ageMillis + " ms old");
            }
        }
    }

    private final long grainNanos;
    private final long grainBytes;
    private final List<Sample> samples = new ArrayList<>();
    private long unsampledBytes;

    /**
     * Begins with what an earlier life has saved.
     *
     * @param time how far back the window goes, and no further than {@code bytes}
     */
    RecoveryWindow(Duration time, long bytes, List<Saved> saved, long nowNanos) {
        grainNanos = time.toNanos() / GRAINS;
        grainBytes = bytes / GRAINS;
        saved.forEach(each -> samples.add(new Sample(
                each.received(),
                each.bytes(),
                nowNanos - Duration.ofMillis(each.ageMillis()).toNanos())));
    }

    /** What the newest sample says had come; {@link Sequence#NONE} if there is none. */
    Sequence sampled() {
        return samples.isEmpty() ? Sequence.NONE : samples.getLast().received();
    }

    List<Saved> save(long nowNanos) {
        return samples.stream()
                .map(each -> new Saved(
                        each.received(),
                        each.bytes(),
                        Duration.ofNanos(nowNanos - each.nanos()).toMillis()))
                .toList();
    }

    /** Everything up to {@code received} has come by now, in so many bytes since the sample before. */
    void sample(Sequence received, long moreBytes, long nowNanos) {
        long before = samples.isEmpty() ? 0 : samples.getLast().bytes();
        unsampledBytes += moreBytes;
        if (samples.isEmpty() || received.isAfter(samples.getLast().received())) {
            add(new Sample(received, before + unsampledBytes, nowNanos));
            unsampledBytes = 0;
        }
    }

    private void add(Sample sample) {
        int size = samples.size();
        if (size >= 2 && isWithinAGrain(samples.get(size - 2), sample)) {
            samples.set(size - 1, sample);
            return;
        }
        samples.add(sample);
        if (samples.size() > SAMPLES_MAX) {
            List<Sample> older = samples.subList(0, SAMPLES_MAX / 2);
            List<Sample> kept = new ArrayList<>();
            for (int i = 0; i < older.size(); i += 2) {
                kept.add(older.get(i));
            }
            older.clear();
            samples.addAll(0, kept);
        }
    }

    private boolean isWithinAGrain(Sample one, Sample later) {
        return later.nanos() - one.nanos() < grainNanos && later.bytes() - one.bytes() < grainBytes;
    }

    /** The newest sequence that has left a window of this time and these bytes; {@link Sequence#NONE} if none has. */
    Sequence left(Duration time, long bytes, long nowNanos) {
        Sequence left = Sequence.NONE;
        long newest = samples.isEmpty() ? 0 : samples.getLast().bytes();
        for (Sample each : samples) {
            boolean old = nowNanos - each.nanos() > time.toNanos();
            boolean far = newest - each.bytes() > bytes;
            if (!old && !far) {
                break;
            }
            left = each.received();
        }
        return left;
    }

    /** Bytes received behind {@code sequence}, about. */
    long bytesSince(Sequence sequence) {
        long newest = samples.isEmpty() ? 0 : samples.getLast().bytes();
        return samples.stream()
                .filter(each -> !each.received().isBefore(sequence))
                .findFirst()
                .map(each -> newest - each.bytes())
                .orElse(0L);
    }

    /** What is before {@code floor} is of no interest any more. */
    void forgetBefore(Sequence floor) {
        int keep = 0;
        while (keep < samples.size() - 1 && samples.get(keep).received().isBefore(floor)) {
            keep++;
        }
        samples.subList(0, keep).clear();
    }
}
