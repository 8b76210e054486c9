package io.tidemark.link;

import io.tidemark.journal.Sequence;
import io.tidemark.term.Claim;

/**
 * What a sender is told of its session. Always on the owner it dialled with, in the order in which it happened.
 *
 * <p>{@link #onStanding} first, then {@link #onReady}; {@link #onAck}, {@link #onClaim} and {@link #onRoundTrip} may come between. {@link
 * #onEnded} comes once, at any time, and nothing after it.
 */
public interface UplinkListener {

    /** The receiver's standing is to be compared with the journal (docs/protocol.md, section 3). */
    Decision onStanding(Standing standing);

    /** Whether the two histories fit. */
    sealed interface Decision {

        /** They do: the first range will begin with {@code first}. */
        record Start(Sequence first) implements Decision {}

        /** They do not: the session ends, and the receiver is told so. */
        record Refuse(ErrorCode code, String message) implements Decision {}
    }

    /** All connections are there: ranges may be taken. */
    void onReady();

    /** What {@link Uplink#admits} has refused last would now be admitted. */
    void onWritable();

    void onAck(Ack ack);

    /** The receiver tells of a term. Whoever only ships has no use for it. */
    default void onClaim(Claim claim) {}

    /** A round trip was measured, about once a second. It includes waiting behind the ranges on one connection. */
    void onRoundTrip(long nanos);

    void onEnded(Ending ending);
}
