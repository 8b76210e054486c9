/**
 * The block images that journals are applied to, and what a disk reads as: journal laid over volume.
 *
 * <p>Has threads of its own for the disk: one applier a journal, a few readers. Imports the journal's port, nothing of the
 * network. Nothing else reads or writes a volume's file.
 */
@NullMarked
package io.tidemark.volume;

import org.jspecify.annotations.NullMarked;
