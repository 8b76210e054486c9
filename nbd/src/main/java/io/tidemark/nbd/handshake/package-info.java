/**
 * The handshake of one connection: from the accept, by way of TLS, to an open session.
 *
 * <p>{@code Haggling} decides, {@code HandshakeHandler} does. Runs on the connection's event loop, which changes when a
 * plaintext connection moves to its export's home. Imports the port, the protocol's messages, payload memory, the
 * transmission phase and Netty.
 */
@NullMarked
package io.tidemark.nbd.handshake;

import org.jspecify.annotations.NullMarked;
