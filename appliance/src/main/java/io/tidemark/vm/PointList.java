package io.tidemark.vm;

import io.tidemark.journal.Sequence;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The recovery points of one VM or group, thinned by age: all of the last minutes, fewer of what is older. One thread.
 *
 * <p>Thinning is of the list only: any epoch end can be recovered as long as the journal holds it. Age is added up from one
 * point to the next, and no step counts for more than a minute or less than nothing, so that a clock that jumps makes no
 * point old. A VM that was idle for long keeps more points than it would.
 */
public final class PointList<P extends Point<P>> {

    static final Duration ALL = Duration.ofMinutes(5);
    static final Duration DENSE = Duration.ofDays(1);
    static final Duration DENSE_STEP = Duration.ofSeconds(5);
    static final Duration SPARSE_STEP = Duration.ofMinutes(1);

    /** Points that are listed at the most; beyond, every other one of the older half goes. */
    static final int POINTS_MAX = 50_000;

    /** What may lie between two points and still be told from a jump of the clock. */
    static final Duration STEP_MAX = Duration.ofMinutes(1);

    private static final int THIN_FROM = 1000;

    /** A point, and how long after the first one there was it came. */
    private record Listed<P>(P point, Duration at) {}

    private final NavigableMap<Sequence, Listed<P>> points = new TreeMap<>();
    private final Set<Sequence> kept = new HashSet<>(); // may not have come yet
    private Optional<Instant> last = Optional.empty();
    private Duration now = Duration.ZERO;
    private int thinAt = THIN_FROM;

    void add(P point) {
        now = now.plus(step(point.time()));
        last = Optional.of(point.time());
        points.put(point.sequence(), new Listed<>(point, now));
        if (points.size() >= thinAt) {
            thin();
            thinAt = Math.max(THIN_FROM, points.size() + points.size() / 4);
        }
    }

    /** Adds a point that may be before others: as old as the one behind it. */
    void restore(P point) {
        Optional.ofNullable(points.higherEntry(point.sequence()))
                .ifPresentOrElse(
                        next -> points.put(
                                point.sequence(),
                                new Listed<>(point, next.getValue().at())),
                        () -> add(point));
    }

    /** Does not thin out the point at this sequence. */
    void keep(Sequence sequence) {
        kept.add(sequence);
    }

    void release(Sequence sequence) {
        kept.remove(sequence);
    }

    /** Points behind {@code since} are no longer consistent. */
    void withdraw(Sequence since, String reason) {
        withdraw(since, point -> Optional.of(reason));
    }

    /** Points behind {@code since} for which there is a reason are no longer consistent. */
    void withdraw(Sequence since, Function<P, Optional<String>> reason) {
        points.tailMap(since, false).replaceAll((sequence, listed) -> withdrawn(listed, reason));
    }

    /** Points before {@code floor} can no longer be recovered. */
    void forgetBefore(Sequence floor) {
        points.headMap(floor, false).clear();
    }

    /** Oldest first, consistent or not. */
    public List<P> all() {
        return points.values().stream().map(Listed::point).toList();
    }

    /** Consistent or not. */
    public Optional<P> newest() {
        return Optional.ofNullable(points.lastEntry()).map(Map.Entry::getValue).map(Listed::point);
    }

    /** The one at a record, consistent or not. */
    public Optional<P> at(Sequence sequence) {
        return Optional.ofNullable(points.get(sequence)).map(Listed::point);
    }

    /** The newest consistent point up to {@code sequence}. */
    public Optional<P> newestConsistent(Sequence sequence) {
        return points.headMap(sequence, true).descendingMap().values().stream()
                .map(Listed::point)
                .filter(Point::consistent)
                .findFirst();
    }

    /** The newest consistent point whose time is not after {@code time}. */
    public Optional<P> newestConsistent(Instant time) {
        return points.descendingMap().values().stream()
                .map(Listed::point)
                .filter(point -> point.consistent() && !point.time().isAfter(time))
                .findFirst();
    }

    private Listed<P> withdrawn(Listed<P> listed, Function<P, Optional<String>> reason) {
        if (!listed.point().consistent()) {
            return listed; // the first reason stays
        }
        return reason.apply(listed.point())
                .map(why -> new Listed<>(listed.point().withdrawn(why), listed.at()))
                .orElse(listed);
    }

    private Duration step(Instant time) {
        Duration step = Duration.between(last.orElse(time), time);
        if (step.isNegative()) {
            return Duration.ZERO;
        }
        return step.compareTo(STEP_MAX) < 0 ? step : STEP_MAX;
    }

    private void thin() {
        Optional<P> newest = newestConsistent(points.lastKey());
        long[] lastBucket = {Long.MIN_VALUE, Long.MIN_VALUE}; // a consistent point never goes for one that is not
        points.values().removeIf(listed -> {
            Duration age = now.minus(listed.at());
            if (age.compareTo(ALL) < 0 || stays(listed, newest)) {
                return false;
            }
            Duration step = age.compareTo(DENSE) < 0 ? DENSE_STEP : SPARSE_STEP;
            long bucket = listed.at().toMillis() / step.toMillis();
            int kind = listed.point().consistent() ? 1 : 0;
            boolean again = bucket == lastBucket[kind];
            lastBucket[kind] = bucket;
            return again;
        });
        if (points.size() > POINTS_MAX) {
            int[] count = {0};
            points.values()
                    .removeIf(listed -> count[0]++ < POINTS_MAX / 2 && count[0] % 2 == 0 && !stays(listed, newest));
        }
    }

    private boolean stays(Listed<P> listed, Optional<P> newest) {
        return newest.filter(listed.point()::equals).isPresent()
                || kept.contains(listed.point().sequence());
    }
}
