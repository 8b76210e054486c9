package io.tidemark.link;

import io.tidemark.journal.Sequence;
import io.tidemark.term.Claim;

/**
 * What a receiver is told of a session. Always on the owner it named.
 *
 * <p>{@link #onOpened}, {@link #onStart}, any number of {@link #takeRange}; {@link #onEnded} once, at any time, and
 * nothing after it. A newer session of the same journal is opened after the older one has ended.
 */
public interface DownlinkListener {

    /** A sender is there: answer with {@link Downlink#welcome} or {@link Downlink#refuse}, now or soon. */
    void onOpened(Downlink downlink);

    /** The first range will begin with {@code first}. */
    void onStart(Sequence first);

    /** A range has arrived, in any order. The taker closes its lease. */
    void takeRange(IncomingRange range);

    /** The sender tells of a term, at any time behind {@link #onStart}. Whoever only receives records has no use for it. */
    default void onClaim(Claim claim) {}

    /**
     * The sender asks what is the same here, at any time behind {@link #onStart}: to be answered with {@link Downlink#answer}, now or later.
     *
     * @param question its number
     */
    void onCompare(long question, Comparison comparison);

    void onEnded(Ending ending);
}
