/**
 * The side that receives: listens, checks who is there, and keeps one session a journal.
 *
 * <p>{@code LinkServer} is what others use. Which session a journal has is decided on one event loop, the registry's;
 * each connection runs on a loop of its own; what arrives is told on the receiver's owner. Imports the link, its protocol
 * and transport, and Netty.
 */
@NullMarked
package io.tidemark.link.receiver;

import org.jspecify.annotations.NullMarked;
