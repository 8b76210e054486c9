package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** Reads the headers of requests, each as a whole or not at all; payloads are left to the caller. */
public final class RequestDecoder {
    private final boolean extended;

    public RequestDecoder(HeaderStyle style) {
        extended = style == HeaderStyle.EXTENDED;
    }

    /** How many bytes a header has. */
    public int headerBytes() {
        return extended ? Constants.EXTENDED_REQUEST_BYTES : Constants.REQUEST_BYTES;
    }

    /** Reads one header, or nothing if not all of it has arrived. */
    public Optional<Request> decode(ByteBuf in) {
        if (in.readableBytes() < headerBytes()) {
            return Optional.empty();
        }
        int magic = in.readInt();
        if (magic != (extended ? Constants.EXTENDED_REQUEST_MAGIC : Constants.REQUEST_MAGIC)) {
            throw new ProtocolViolation("request magic 0x" + Integer.toHexString(magic));
        }
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        long offset = in.readLong();
        long length = extended ? in.readLong() : in.readUnsignedInt();
        boolean payload = extended ? (flags & Constants.CMD_FLAG_PAYLOAD_LEN) != 0 : type == Constants.CMD_WRITE;
        return Optional.of(new Request(type, flags, cookie, offset, length, payload ? length : 0));
    }
}
