package io.tidemark.console;

import io.tidemark.api.PointView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Recovery points as a page shows them: a table to choose from, and a line to see them in time. */
final class Points {

    /** So many are shown, the newest. */
    static final int SHOWN_MAX = 200;

    private static final int LINE_FROM = 10;
    private static final int LINE_TO = 990;

    /** A point to choose. */
    public record Row(
            String sequence,
            String time,
            String kind,
            Shown.State state,
            String drills,
            boolean usable,
            boolean first) {}

    /** A point on the line. */
    public record Mark(String x, String r, String look, String title) {}

    /** The points in time, and the same in words. */
    public record TimeLine(String words, String from, String to, List<Mark> marks) {}

    /** A point of a VM or of a group: what both have. */
    record Point(
            long sequence,
            Instant time,
            String kind,
            boolean consistent,
            Optional<String> inconsistency,
            List<String> accepted,
            List<PointView.DrillMark> drills) {

        static Point of(PointView view) {
            return new Point(
                    view.sequence(),
                    view.time(),
                    view.kind(),
                    view.consistent(),
                    view.inconsistency(),
                    view.accepted(),
                    view.drills());
        }

        static Point of(PointView.OfGroup view) {
            return new Point(
                    view.sequence(),
                    view.time(),
                    view.kind(),
                    view.consistent(),
                    view.inconsistency(),
                    view.accepted(),
                    view.drills());
        }

        private Shown.State state() {
            if (!consistent) {
                return Shown.State.bad(inconsistency.orElse("not consistent"));
            }
            return accepted.isEmpty()
                    ? Shown.State.good("consistent")
                    : Shown.State.busy("consistent on the word of " + String.join("; ", accepted));
        }
    }

    private Points() {}

    static List<Row> rows(List<Point> points) {
        Optional<Point> first = points.stream().filter(Point::consistent).findFirst();
        List<Row> rows = new ArrayList<>();
        for (Point point : points) {
            rows.add(new Row(
                    Long.toString(point.sequence()),
                    Words.time(point.time()),
                    point.kind(),
                    point.state(),
                    point.drills().stream()
                            .map(drill ->
                                    drill.note().isEmpty() ? drill.result() : drill.result() + ": " + drill.note())
                            .collect(Collectors.joining("; ")),
                    point.consistent(),
                    first.filter(point::equals).isPresent()));
        }
        return rows;
    }

    /** @param points the newest first */
    static TimeLine timeLine(List<Point> points) {
        if (points.isEmpty()) {
            return new TimeLine("", "", "", List.of());
        }
        Instant from = points.getLast().time();
        Instant to = points.getFirst().time();
        double span = Math.max(1, Duration.between(from, to).toMillis());
        List<Mark> marks = new ArrayList<>();
        for (Point point : points.reversed()) {
            double at = LINE_FROM
                    + (LINE_TO - LINE_FROM)
                            * Duration.between(from, point.time()).toMillis()
                            / span;
            marks.add(new Mark(
                    Long.toString(Math.clamp(Math.round(at), LINE_FROM, LINE_TO)),
                    point.drills().isEmpty() ? "5" : "9",
                    point.state().look(),
                    Words.time(point.time()) + ", " + point.state().text()));
        }
        long usable = points.stream().filter(Point::consistent).count();
        String words = (points.size() == SHOWN_MAX ? "The newest " : "") + points.size() + " points from "
                + Words.time(from) + " to " + Words.time(to) + " UTC, " + usable + " of them consistent.";
        return new TimeLine(words, Words.time(from), Words.time(to), marks);
    }
}
