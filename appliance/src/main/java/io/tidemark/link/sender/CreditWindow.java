package io.tidemark.link.sender;

import io.tidemark.journal.Invariant;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Credit;
import io.tidemark.link.protocol.ProtocolViolation;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The ranges that are on their way, and the credit that bounds them (docs/protocol.md, section 4). The session's owner's.
 */
final class CreditWindow {

    private record Unreceived(Sequence last, int cost) {}

    private final Deque<Unreceived> ranges = new ArrayDeque<>();
    private Credit credit;
    private long usedBytes;
    private Sequence next;
    private Sequence received;
    private Sequence durable;

    /**
     * @param resume what the receiver has already
     * @param first what the first range will begin with
     */
    CreditWindow(Credit credit, Sequence resume, Sequence first) {
        this.credit = credit;
        this.next = first;
        this.received = resume;
        this.durable = resume;
    }

    boolean admits(int bytes) {
        return usedBytes + Credit.cost(bytes) <= credit.bytes();
    }

    long usedBytes() {
        return usedBytes;
    }

    void onSend(Sequence first, Sequence last, int bytes) {
        Invariant.check(first.equals(next), () -> "range from " + first + " is sent, but " + next + " must be");
        Invariant.check(admits(bytes), () -> "range from " + first + " exceeds the credit of " + credit.bytes());
        ranges.add(new Unreceived(last, Credit.cost(bytes)));
        usedBytes += Credit.cost(bytes);
        next = last.next();
    }

    /** Takes out what was received, or finds that the receiver cannot know what it says. */
    void onAck(Ack ack) {
        if (ack.received().isBefore(received) || ack.durable().isBefore(durable)) {
            throw new ProtocolViolation("ACK moves back: " + ack);
        }
        if (ack.received().isAfter(received)) {
            receive(ack);
        }
        received = ack.received();
        durable = ack.durable();
        credit = ack.credit();
    }

    private void receive(Ack ack) {
        Sequence reached = received;
        while (!ranges.isEmpty() && !ranges.getFirst().last().isAfter(ack.received())) {
            Unreceived range = ranges.removeFirst();
            usedBytes -= range.cost();
            reached = range.last();
        }
        if (!reached.equals(ack.received())) {
            throw new ProtocolViolation("ACK names " + ack.received() + ", where no range ended");
        }
    }
}
