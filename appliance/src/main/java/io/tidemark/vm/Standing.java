package io.tidemark.vm;

/** Whether a point can be offered as crash consistent (I7). */
public sealed interface Standing {

    /** Every stream was in sync in both its states, with no suspected gap before the point. */
    record Consistent() implements Standing {}

    /** It is not, and why. */
    record Inconsistent(String reason) implements Standing {}

    Standing CONSISTENT = new Consistent();
}
