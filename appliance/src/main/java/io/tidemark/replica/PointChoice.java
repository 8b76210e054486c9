package io.tidemark.replica;

import io.tidemark.journal.Sequence;
import io.tidemark.vm.Name;
import java.time.Instant;

/** Which recovery point is wanted. */
public sealed interface PointChoice {

    /** The newest consistent one. */
    record Latest() implements PointChoice {}

    /** The newest consistent one whose time is not after this. */
    record NotAfter(Instant time) implements PointChoice {}

    /** This one, if it is consistent. */
    record At(Sequence sequence) implements PointChoice {}

    /** The one that is pinned by this name, if it is consistent. */
    record Pinned(Name name) implements PointChoice {}
}
