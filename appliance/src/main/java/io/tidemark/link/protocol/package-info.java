/**
 * The bytes of docs/protocol.md and the messages they mean; no policy and no state of a session.
 *
 * <p>Runs on the thread that calls it. Imports the link's words and Netty's buffers.
 */
@NullMarked
package io.tidemark.link.protocol;

import org.jspecify.annotations.NullMarked;
