/**
 * The transmission phase of one connection: requests in, calls on the export's session, replies out.
 *
 * <p>Runs on the connection's event loop; only {@code Call} is entered from other threads. Imports the port, the
 * protocol's messages, payload memory and Netty.
 */
@NullMarked
package io.tidemark.nbd.transmission;

import org.jspecify.annotations.NullMarked;
