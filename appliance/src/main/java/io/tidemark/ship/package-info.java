/**
 * Ships a journal to its peer: reads what is durable, packs ranges, keeps the link full, takes acknowledgements.
 *
 * <p>One owner thread a journal, which also reads and compresses. Imports the journal's port and {@code link}.
 */
@NullMarked
package io.tidemark.ship;

import org.jspecify.annotations.NullMarked;
