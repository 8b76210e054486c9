/**
 * Ships a journal to a plain NBD server: rounds of whole epochs, each block once, many writes in flight, one flush at the end.
 *
 * <p>One owner thread a journal, which also reads and merges; answers come on the client's event loops and are handed over. Imports the
 * journal's port, {@code nbd.client}, {@code vm}, {@code state}, and the words of {@code ship}.
 */
@NullMarked
package io.tidemark.target;

import org.jspecify.annotations.NullMarked;
