package io.tidemark.sim;

/** An invariant did not hold. */
final class Violation extends AssertionError {

    private static final long serialVersionUID = 1L;

    Violation(String invariant, String what) {
        super(invariant + ": " + what);
    }

    /** Holds, or ends the run. */
    static void unless(boolean holds, String invariant, java.util.function.Supplier<String> what) {
        if (!holds) {
            throw new Violation(invariant, what.get());
        }
    }
}
