package io.tidemark.nbd;

import java.util.List;

/** Where the outcome of {@link Session#blockStatus} is told: exactly once, from any thread. */
@FunctionalInterface
public interface StatusCompletion {
    /** Ends the call; a second outcome is a fault of the caller. */
    void complete(StatusOutcome outcome);

    /** What became of a question for block status. */
    sealed interface StatusOutcome permits Described, Failed {}

    /**
     * Consecutive runs from the start of the extent asked for: at least one, not past the end of the export. They may
     * cover less than was asked, or more if that cost nothing.
     */
    record Described(List<Run> runs) implements StatusOutcome {
        public Described {
            if (runs.isEmpty()) {
                throw new IllegalArgumentException("no run at all");
            }
            runs = List.copyOf(runs);
        }
    }

    /** It could not be told. */
    record Failed(NbdError error) implements StatusOutcome {}

    /** Consecutive bytes of one kind; never empty. */
    record Run(Length length, Allocation allocation) {
        public Run {
            if (length.bytes() == 0) {
                throw new IllegalArgumentException("an empty run");
            }
        }
    }

    /** What is known of bytes without reading them (proto.md, "base:allocation metadata context"). */
    enum Allocation {
        /** They take space and may hold anything. */
        DATA,
        /** They take space and read as zeroes. */
        ZERO,
        /** They take no space and read as zeroes. */
        HOLE
    }
}
