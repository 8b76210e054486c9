/**
 * The side that ships: dials a receiver and keeps one session with it.
 *
 * <p>{@code LinkDialer} is what others use. A session belongs to the owner it was dialled with; each of its connections
 * runs on an event loop and posts what it hears to that owner. Imports the link, its protocol and transport, and Netty.
 */
@NullMarked
package io.tidemark.link.sender;

import org.jspecify.annotations.NullMarked;
