package io.tidemark.journal.log;

import io.tidemark.journal.Sequence;
import java.util.UUID;

/**
 * How a journal was left by the life before.
 *
 * @param last its last record that was recovered
 * @param clean whether that is {@code closed}: nothing was in flight
 * @param boot the kernel's boot id then; another one now means that the machine restarted in between
 */
public record PreviousLife(Sequence last, boolean clean, UUID boot) {}
