package io.tidemark.system.kill;

import java.util.ArrayList;
import java.util.List;

/** A set of instants on a client's clock: open spans, none touching another, in order. */
record Instants(List<Span> spans) {

    /** The end of what is not over. */
    static final long NEVER = Long.MAX_VALUE;

    static final Instants ALL = new Instants(List.of(new Span(-1, NEVER)));

    /** The instants after {@code from} and before {@code to}: between two events of the clock there is always one. */
    record Span(long from, long to) {}

    Instants {
        spans = List.copyOf(spans);
    }

    static Instants between(long from, long to) {
        return new Instants(from < to ? List.of(new Span(from, to)) : List.of());
    }

    Instants intersect(Instants other) {
        List<Span> both = new ArrayList<>();
        for (Span one : spans) {
            for (Span another : other.spans) {
                both.addAll(between(Math.max(one.from, another.from), Math.min(one.to, another.to)).spans);
            }
        }
        return new Instants(both);
    }

    /** These and all instants after. */
    Instants andAfter() {
        return between(first(), NEVER);
    }

    /** These and all instants before. */
    Instants andBefore() {
        return between(-1, last());
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    /** All of it is after this event. */
    long first() {
        return spans.getFirst().from;
    }

    /** All of it is before this event. */
    long last() {
        return spans.getLast().to;
    }
}
