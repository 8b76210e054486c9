/**
 * Takes the writes of protected disks into their journal, and answers their reads.
 *
 * <p>All state of a journal's streams belongs to one owner thread, the event loop of its plaintext NBD connections;
 * other loops hand over. Imports the NBD port, the journal's port, {@code vm}, {@code volume} and small files
 * of {@code state}.
 */
@NullMarked
package io.tidemark.intake;

import org.jspecify.annotations.NullMarked;
