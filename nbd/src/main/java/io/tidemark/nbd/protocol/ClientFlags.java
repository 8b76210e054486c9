package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * The client's answer to the greeting (proto.md, "Client flags").
 *
 * @param fixedNewstyle whether it may send options other than {@code NBD_OPT_EXPORT_NAME}
 * @param noZeroes whether it does without the padding after {@code NBD_OPT_EXPORT_NAME}
 */
public record ClientFlags(boolean fixedNewstyle, boolean noZeroes) {

    /** Reads the flags, or nothing if they have not arrived. */
    public static Optional<ClientFlags> decode(ByteBuf in) {
        if (in.readableBytes() < Constants.CLIENT_FLAGS_BYTES) {
            return Optional.empty();
        }
        int flags = in.readInt();
        int unknown = flags & ~(Constants.FLAG_FIXED_NEWSTYLE | Constants.FLAG_NO_ZEROES);
        if (unknown != 0) {
            throw new ProtocolViolation("unknown client flags 0x" + Integer.toHexString(unknown));
        }
        return Optional.of(
                new ClientFlags((flags & Constants.FLAG_FIXED_NEWSTYLE) != 0, (flags & Constants.FLAG_NO_ZEROES) != 0));
    }
}
