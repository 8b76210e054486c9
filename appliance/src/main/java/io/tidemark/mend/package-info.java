/**
 * Mends a disk behind a gap: reads the source's disk from an NBD export of it, compares, and lays what differs over ours.
 *
 * <p>On event loops and threads that may wait for the disk. Imports intake, the NBD client and the journal's words.
 */
@NullMarked
package io.tidemark.mend;

import org.jspecify.annotations.NullMarked;
