/**
 * The link between two sites: a journal's ranges one way, acknowledgements the other (docs/protocol.md).
 *
 * <p>Here are its words and its two ports: {@code Uplink} for who ships, {@code Downlink} for who receives. What comes
 * in is told on the owner that the caller gave, in order. Imports the journal's words and nothing else;
 * {@code sender} and {@code receiver} implement the ports with Netty.
 */
@NullMarked
package io.tidemark.link;

import org.jspecify.annotations.NullMarked;
