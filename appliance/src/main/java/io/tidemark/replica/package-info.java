/**
 * Keeps what another site ships: its journal under the same sequences, a recovery window, and volumes at the window's floor.
 *
 * <p>One owner thread a journal. Imports the journal's port, {@code link}, {@code volume}, {@code state} and {@code vm};
 * never {@code ship}.
 */
@NullMarked
package io.tidemark.replica;

import org.jspecify.annotations.NullMarked;
