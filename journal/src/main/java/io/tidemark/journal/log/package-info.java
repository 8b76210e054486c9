/**
 * The journal made of segments: appending, group commit, room made ahead, retention, recovery, reading.
 *
 * <p>The owner appends; a forcer thread makes durable; a keeper thread prepares, seals and deletes segments. Imports the
 * words, the format and the segments; Chronicle comes in as a {@code SegmentWriter.Factory}.
 */
@NullMarked
package io.tidemark.journal.log;

import org.jspecify.annotations.NullMarked;
