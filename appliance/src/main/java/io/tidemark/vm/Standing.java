package io.tidemark.vm;

import java.util.List;

/** Whether a point can be offered as crash consistent (I7). */
public sealed interface Standing {

    /**
     * Every stream was in sync in both its states, with no suspected gap before the point.
     *
     * @param words of people that nothing is missing behind a gap, where that was not seen
     */
    record Consistent(List<String> words) implements Standing {}

    /** It is not, and why. */
    record Inconsistent(String reason) implements Standing {}

    Standing CONSISTENT = new Consistent(List.of());
}
