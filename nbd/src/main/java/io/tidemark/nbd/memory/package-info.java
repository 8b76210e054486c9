/**
 * The memory for payloads: who may have how much of it, and when it comes back.
 *
 * <p>A {@code PayloadBudget} serves all connections of the process, a {@code Share} is one connection's part, a
 * {@code Lane} one direction of it, a {@code Lease} one buffer. Budget and leases are used from any thread; shares and
 * lanes are asked by their connection's event loop only. Imports Netty's buffers.
 */
@NullMarked
package io.tidemark.nbd.memory;

import org.jspecify.annotations.NullMarked;
