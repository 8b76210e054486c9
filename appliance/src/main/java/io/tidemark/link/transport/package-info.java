/**
 * One connection: event loops, TLS, frames in and out, silence, deadlines, and a last message that arrives.
 *
 * <p>A {@code Connection} runs on its channel's event loop and talks to one {@code Conversation}, which knows what the
 * messages mean. Imports the link's words, the protocol and Netty.
 */
@NullMarked
package io.tidemark.link.transport;

import org.jspecify.annotations.NullMarked;
