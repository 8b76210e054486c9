/**
 * The other side of NBD: a client of somebody's server, with many requests in flight.
 *
 * <p>{@code NbdClient} leads a connection through the handshake and gives out a {@code RemoteExport}; what becomes of
 * each request is told on the connection's event loop. Imports the port's words, the protocol's messages, the transport
 * and Netty.
 */
@NullMarked
package io.tidemark.nbd.client;

import org.jspecify.annotations.NullMarked;
