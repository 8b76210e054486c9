/**
 * Hostile clients: valid conversations, made from a number, and what becomes of them when they are damaged.
 *
 * <p>Runs on the test's thread. Imports the port, the protocol's messages and the plain client; other modules that fuzz
 * their own bytes use the parts that know no protocol.
 */
@NullMarked
package io.tidemark.nbd.fuzz;

import org.jspecify.annotations.NullMarked;
