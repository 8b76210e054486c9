package io.tidemark.link;

import io.tidemark.journal.Lease;
import io.tidemark.journal.Range;

/**
 * A range as it arrived, decompressed and of the size it declared; its records are not looked at.
 *
 * @param lease returns the body's memory and its credit. The taker closes it, exactly once, on any thread, and before it
 *     acknowledges the range
 */
public record IncomingRange(Range range, Lease lease) {}
