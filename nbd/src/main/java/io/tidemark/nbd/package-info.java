/**
 * The port between the NBD protocol and whoever holds the bytes, and the words both use.
 *
 * <p>Runs on no thread of its own: each method says which thread calls it. Imports nothing of this module;
 * of Netty only {@link io.netty.channel.EventLoop}, the thread an export may name as its home.
 */
@NullMarked
package io.tidemark.nbd;

import org.jspecify.annotations.NullMarked;
