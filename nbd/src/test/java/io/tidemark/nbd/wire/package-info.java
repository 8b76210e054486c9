/**
 * The client's side of the protocol, as plain as can be, for tests: what a client sends, what it makes of the answers.
 *
 * <p>Runs on the test's thread. Imports the port and the protocol's messages; shares no code with what it tests.
 */
@NullMarked
package io.tidemark.nbd.wire;

import org.jspecify.annotations.NullMarked;
