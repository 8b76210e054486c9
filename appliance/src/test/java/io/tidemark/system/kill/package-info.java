/**
 * Kills of the processes at random moments, and a client that knows what it was promised.
 *
 * <p>{@link io.tidemark.system.kill.ClientLog} is what a client knows; everything that is read back is compared with it.
 */
@NullMarked
package io.tidemark.system.kill;

import org.jspecify.annotations.NullMarked;
