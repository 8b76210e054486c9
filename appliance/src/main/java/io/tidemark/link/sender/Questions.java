package io.tidemark.link.sender;

import io.tidemark.link.Comparison;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The questions of a session that are not answered yet. The session's owner's. */
final class Questions {

    private record Asked(int blocks, CompletableFuture<Optional<BitSet>> answer) {}

    private final Map<Long, Asked> unanswered = new HashMap<>(); // at most Comparison.UNANSWERED_MAX
    private long last;

    boolean mayAsk() {
        return unanswered.size() < Comparison.UNANSWERED_MAX;
    }

    /** Gives a question its number. */
    Message.Compare ask(Comparison comparison, CompletableFuture<Optional<BitSet>> answer) {
        last++;
        unanswered.put(last, new Asked(comparison.blocks(), answer));
        return new Message.Compare(last, comparison);
    }

    /** An answer has come. A {@link ProtocolViolation} if it is to no question, or about other blocks. */
    void answered(Message.Equal equal) {
        Asked asked = unanswered.remove(equal.number());
        if (asked == null) {
            throw new ProtocolViolation("EQUAL to no question: " + equal.number());
        }
        BitSet blocks = BitSet.valueOf(new long[] {equal.blocks()});
        if (blocks.length() > asked.blocks()) {
            throw new ProtocolViolation("EQUAL of block " + (blocks.length() - 1) + " of " + asked.blocks());
        }
        asked.answer().complete(Optional.of(blocks));
    }

    /** Nobody answers any more. */
    void end() {
        List<Asked> all = List.copyOf(unanswered.values());
        unanswered.clear();
        all.forEach(asked -> asked.answer().complete(Optional.empty()));
    }
}
