package io.tidemark.journal;

import java.util.function.Supplier;

/** Checks that stay on in production: a broken one is a {@link Fault}. */
public final class Invariant {

    private Invariant() {}

    /** Throws a {@link Fault} with the message unless {@code holds}. */
    public static void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new Fault(otherwise.get());
        }
    }
}
