package io.tidemark.journal.log;

import io.tidemark.journal.Hold;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.Sequence;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who still needs which records. Any thread.
 *
 * <p>While nobody holds anything, everything is kept.
 */
final class Retention {

    private final List<Held> holds = new CopyOnWriteArrayList<>();
    private final Runnable whenAdvanced;

    /** @param whenAdvanced runs on the caller's thread after a hold has given something up */
    Retention(Runnable whenAdvanced) {
        this.whenAdvanced = whenAdvanced;
    }

    Hold hold(String name, Sequence upTo) {
        Held hold = new Held(name, upTo);
        holds.add(hold);
        return hold;
    }

    List<Hold> holds() {
        return List.copyOf(holds);
    }

    /** The records up to here are needed by nobody; empty while there is no hold. */
    Optional<Sequence> free() {
        return holds.stream().map(Held::upTo).min(Comparator.naturalOrder());
    }

    private final class Held implements Hold {

        private final String name;
        private volatile Sequence upTo;

        Held(String name, Sequence upTo) {
            this.name = name;
            this.upTo = upTo;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Sequence upTo() {
            return upTo;
        }

        @Override
        public void advance(Sequence to) {
            Invariant.check(!to.isBefore(upTo), () -> "hold " + name + " moves back from " + upTo + " to " + to);
            if (to.isAfter(upTo)) {
                upTo = to;
                whenAdvanced.run();
            }
        }

        @Override
        public void close() {
            if (holds.remove(this)) {
                whenAdvanced.run();
            }
        }
    }
}
