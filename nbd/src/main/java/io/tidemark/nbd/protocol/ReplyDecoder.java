package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * Reads what begins a reply, simple or in chunks, as a whole or not at all; what follows the heads is read by those
 * who know the request.
 */
public final class ReplyDecoder {
    private ReplyDecoder() {}

    /** The head of a reply or of one of its chunks. */
    public sealed interface Head {
        /** The name the client gave the request. */
        long cookie();
    }

    /**
     * A reply that is not in chunks (proto.md, "Simple reply message"). What a read asked for follows it.
     *
     * @param error the error's number, 0 for none
     */
    public record Simple(long cookie, int error) implements Head {}

    /**
     * A chunk of a reply (proto.md, "Structured reply chunk message").
     *
     * @param last whether the reply ends with it
     * @param bytes how much of it follows, unsigned
     */
    public record Chunk(long cookie, Content content, boolean last, long bytes) implements Head {}

    /** What is in a chunk (proto.md, "Structured reply types"). */
    public enum Content {
        NOTHING,
        DATA,
        HOLE,
        STATUS,
        ERROR,
        /** Something of a later version, to be skipped. */
        OTHER
    }

    /** Reads one head, or nothing if not all of it has arrived. */
    public static Optional<Head> decode(ByteBuf in) {
        if (in.readableBytes() < Constants.SIMPLE_REPLY_BYTES) {
            return Optional.empty();
        }
        int magic = in.getInt(in.readerIndex());
        return switch (magic) {
            case Constants.SIMPLE_REPLY_MAGIC -> {
                int error = in.skipBytes(Integer.BYTES).readInt();
                yield Optional.of(new Simple(in.readLong(), error));
            }
            case Constants.STRUCTURED_REPLY_MAGIC -> chunk(in);
            default -> throw new ProtocolViolation("reply magic 0x" + Integer.toHexString(magic));
        };
    }

    /** The number of the error that an error chunk of at least 4 bytes begins with. */
    public static int error(ByteBuf chunk) {
        return chunk.getInt(chunk.readerIndex());
    }

    private static Optional<Head> chunk(ByteBuf in) {
        if (in.readableBytes() < Constants.STRUCTURED_REPLY_BYTES) {
            return Optional.empty();
        }
        in.skipBytes(Integer.BYTES);
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        return Optional.of(
                new Chunk(cookie, content(type), (flags & Constants.REPLY_FLAG_DONE) != 0, in.readUnsignedInt()));
    }

    private static Content content(int type) {
        return switch (type) {
            case Constants.REPLY_TYPE_NONE -> Content.NOTHING;
            case Constants.REPLY_TYPE_OFFSET_DATA -> Content.DATA;
            case Constants.REPLY_TYPE_OFFSET_HOLE -> Content.HOLE;
            case Constants.REPLY_TYPE_BLOCK_STATUS -> Content.STATUS;
            default -> {
                if ((type & Constants.REPLY_TYPE_IS_ERROR) != 0) {
                    yield Content.ERROR;
                }
                yield Content.OTHER;
            }
        };
    }
}
