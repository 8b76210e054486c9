package io.tidemark.journal.dump;

import io.tidemark.journal.Sequence;
import java.io.PrintStream;
import java.util.Optional;

/** What a dump has found so far: how the records follow each other, and what is wrong. */
final class Findings {

    private final PrintStream out;
    private Optional<Sequence> first = Optional.empty();
    private Optional<Sequence> last = Optional.empty();
    private long records;
    private int problems;
    private boolean lostTheThread;

    Findings(PrintStream out) {
        this.out = out;
    }

    /** Something is not as it must be. */
    void problem(String what) {
        problems++;
        out.println("PROBLEM: " + what);
    }

    /** Something was rightly not there to be read: what comes next need not follow what was before. */
    void skipped() {
        lostTheThread = true;
    }

    /** Something could not be read: what comes next need not follow what was before. */
    void unreadable(String what) {
        problem(what);
        lostTheThread = true;
    }

    /** A whole record was read. */
    void record(Sequence sequence) {
        if (last.isPresent() && !sequence.follows(last.get()) && !(lostTheThread && sequence.isAfter(last.get()))) {
            problem("record " + sequence + " follows record " + last.get());
        }
        lostTheThread = false;
        first = first.or(() -> Optional.of(sequence));
        last = Optional.of(sequence);
        records++;
    }

    /** The last record read. */
    Optional<Sequence> last() {
        return last;
    }

    boolean areGood() {
        return problems == 0;
    }

    /** The result in one line. */
    String verdict(int segments) {
        String what = first.isEmpty()
                ? "no record"
                : "%d record%s, %s to %s,".formatted(records, records == 1 ? "" : "s", first.get(), last.orElseThrow());
        return "%s in %d segment%s: %s"
                .formatted(
                        what,
                        segments,
                        segments == 1 ? "" : "s",
                        areGood() ? "all whole" : problems + " problem" + (problems == 1 ? "" : "s"));
    }
}
