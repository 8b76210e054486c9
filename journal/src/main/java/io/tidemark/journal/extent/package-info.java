/**
 * Which bytes of a disk a stretch of the journal holds, the newest of each.
 *
 * <p>Plain data structures without a thread of their own. Imports nothing.
 */
@NullMarked
package io.tidemark.journal.extent;

import org.jspecify.annotations.NullMarked;
