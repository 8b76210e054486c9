package io.tidemark.system.soak;

import io.tidemark.system.soak.Vitals.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Rows of what the sites take, and whether it grows. The first third of a process's rows is for warming up; then the least of
 * what it takes is compared between the rest's two halves: a load comes and goes, a leak stays.
 */
final class Growth {

    private static final int ROWS_MIN = 6;
    private static final int WARMING = 3;

    private final List<Vitals> rows = new ArrayList<>();

    void add(Vitals row) {
        rows.add(row);
    }

    /** All rows, as a table with a heading. */
    Stream<String> table() {
        return Stream.concat(
                Stream.of("site,pid,second,"
                        + Stream.of(Kind.values()).map(Enum::name).collect(Collectors.joining(","))),
                rows.stream().map(Growth::line));
    }

    /** One row, as a line. */
    static String line(Vitals row) {
        return row.site() + "," + row.pid() + "," + row.second() + ","
                + Stream.of(Kind.values())
                        .map(kind -> Long.toString(row.value(kind)))
                        .collect(Collectors.joining(","));
    }

    /** What has grown beyond its limit in any process that lived long enough to tell. */
    List<String> found() {
        return rows.stream().collect(Collectors.groupingBy(Vitals::pid)).values().stream()
                .filter(life -> life.size() >= ROWS_MIN)
                .flatMap(life -> Stream.of(Kind.values()).flatMap(kind -> grown(life, kind)))
                .toList();
    }

    /** Whether there is a life of each of so many sites that is long enough to tell. */
    boolean isEnough(int sites) {
        return rows.stream().collect(Collectors.groupingBy(Vitals::pid)).values().stream()
                        .filter(life -> life.size() >= ROWS_MIN)
                        .map(life -> life.getFirst().site())
                        .distinct()
                        .count()
                == sites;
    }

    private static Stream<String> grown(List<Vitals> life, Kind kind) {
        List<Vitals> settled = life.subList(life.size() / WARMING, life.size());
        long before = least(settled.subList(0, settled.size() / 2), kind);
        long after = least(settled.subList(settled.size() / 2, settled.size()), kind);
        return after - before <= kind.growthMax()
                ? Stream.empty()
                : Stream.of("%s of process %d of %s grew from %d to %d; %d more are allowed"
                        .formatted(
                                kind, life.getFirst().pid(), life.getFirst().site(), before, after, kind.growthMax()));
    }

    private static long least(List<Vitals> rows, Kind kind) {
        OptionalLong least = rows.stream().mapToLong(row -> row.value(kind)).min();
        return least.orElseThrow();
    }
}
