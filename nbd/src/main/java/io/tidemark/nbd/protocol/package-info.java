/**
 * The bytes of the protocol and the messages they mean, for both phases; no policy and no state.
 *
 * <p>Handshake: {@code Option} in, {@code OptionReply} out. Transmission: {@code Request} in, {@code Reply} out.
 * References are to sections of the protocol document, doc/proto.md of NetworkBlockDevice/nbd.
 *
 * <p>Runs on the thread that calls it. Imports the port's words and Netty's buffers.
 */
@NullMarked
package io.tidemark.nbd.protocol;

import org.jspecify.annotations.NullMarked;
