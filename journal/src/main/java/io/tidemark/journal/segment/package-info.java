/**
 * One segment of a journal on disk: its folder, its documents, its index, and the mapping they are read through.
 *
 * <p>Written by the journal's owner and its keeper thread, read by any. Imports the words and the format, not Chronicle:
 * of Chronicle's file it knows only how documents are framed.
 */
@NullMarked
package io.tidemark.journal.segment;

import org.jspecify.annotations.NullMarked;
