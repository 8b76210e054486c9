/**
 * The event loops of a process and the kind of its sockets, for servers and for clients.
 *
 * <p>Any thread. Imports Netty only.
 */
@NullMarked
package io.tidemark.nbd.transport;

import org.jspecify.annotations.NullMarked;
