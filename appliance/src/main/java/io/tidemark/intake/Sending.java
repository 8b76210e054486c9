package io.tidemark.intake;

import io.tidemark.journal.Sequence;
import java.time.Duration;

/**
 * How what is appended goes to the peer.
 *
 * @param shipping whether it takes anything
 * @param behind for how long not everything was on its way, sessions or not
 * @param acknowledged it keeps everything up to here
 * @param mergedRanges how many ranges to it were merged, since whenever
 */
public record Sending(boolean shipping, Duration behind, Sequence acknowledged, long mergedRanges) {}
