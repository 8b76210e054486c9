package io.tidemark.journal.log;

import io.tidemark.journal.Hold;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentChain;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Who still needs which records. Any thread.
 *
 * <p>While nobody holds anything, everything is kept.
 */
final class Retention {

    private final List<Held> holds = new CopyOnWriteArrayList<>();
    private final Runnable whenAdvanced;
    private final Supplier<Sequence> durable;

    /**
     * @param whenAdvanced runs on the caller's thread after a hold has given something up
     * @param durable what survives a power cut
     */
    Retention(Runnable whenAdvanced, Supplier<Sequence> durable) {
        this.whenAdvanced = whenAdvanced;
        this.durable = durable;
    }

    /** Nothing behind {@code upTo} is taken from now on. */
    synchronized Hold hold(String name, Sequence upTo) {
        Held hold = new Held(name, upTo);
        holds.add(hold);
        return hold;
    }

    List<Hold> holds() {
        return List.copyOf(holds);
    }

    /**
     * Takes the oldest segment out of the chain if nobody needs it and it is sealed. One that holds something durable always stays: it says where
     * the journal ends, after a power cut too. Against {@link #hold} this is one step: a reader holds what it still finds in the chain.
     */
    synchronized Optional<Segment> takeFree(SegmentChain chain) {
        List<Segment> segments = chain.all();
        Optional<Sequence> free = holds.stream().map(Held::upTo).min(Comparator.naturalOrder());
        if (segments.size() < 2 || free.isEmpty()) {
            return Optional.empty();
        }
        Segment oldest = segments.getFirst();
        boolean isTheEnd = segments.get(1).first().isAfter(durable.get());
        if (isTheEnd || !oldest.isSealed() || oldest.last().isAfter(free.get())) {
            return Optional.empty();
        }
        chain.removeFirst();
        return Optional.of(oldest);
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
