package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;

/** Writes the headers of compact requests; payloads are left to the caller (proto.md, "Request message"). */
public final class RequestEncoder {
    private static final long LENGTH_MAX = 0xFFFF_FFFFL;

    private RequestEncoder() {}

    /**
     * Writes one header.
     *
     * @throws IllegalArgumentException if the length does not fit a compact header
     */
    public static void encode(Request request, ByteBuf out) {
        if (request.length() < 0 || request.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "length " + Long.toUnsignedString(request.length()) + " > " + LENGTH_MAX);
        }
        out.writeInt(Constants.REQUEST_MAGIC)
                .writeShort(request.flags())
                .writeShort(request.type())
                .writeLong(request.cookie())
                .writeLong(request.offset())
                .writeInt((int) request.length());
    }
}
