package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Length;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the server's side of the handshake, each message as a whole or not at all.
 *
 * <p>What a server tells beyond what this client knows is skipped, as proto.md wants it.
 */
public final class OptionReplyDecoder {
    /** The longest reply that is read: a name and its description, and some. */
    private static final int REPLY_BYTES_MAX = 1 << 16;

    /** The longest payload that is ever sent, whatever more a server would take. */
    private static final long PAYLOAD_BYTES_MAX = 32L << 20;

    /** What a server of the newstyle says first. */
    public record Greeting(boolean fixedNewstyle, boolean noZeroes) {}

    /** A reply and the option it answers. */
    public record Answer(int optionType, OptionReply reply) {}

    private OptionReplyDecoder() {}

    /** Reads the greeting, or nothing if not all of it has arrived (proto.md, "Newstyle negotiation"). */
    public static Optional<Greeting> greeting(ByteBuf in) {
        if (in.readableBytes() < Constants.GREETING_BYTES) {
            return Optional.empty();
        }
        long magic = in.readLong();
        long style = in.readLong();
        int flags = in.readUnsignedShort();
        if (magic != Constants.NBD_MAGIC || style != Constants.OPTION_MAGIC) {
            throw new ProtocolViolation("not a newstyle NBD server: it begins with 0x" + Long.toHexString(magic) + " 0x"
                    + Long.toHexString(style));
        }
        return Optional.of(
                new Greeting((flags & Constants.FLAG_FIXED_NEWSTYLE) != 0, (flags & Constants.FLAG_NO_ZEROES) != 0));
    }

    /** Reads the next reply that means something here, or nothing if not all of it has arrived. */
    public static Optional<Answer> decode(ByteBuf in) {
        while (in.readableBytes() >= Constants.OPTION_REPLY_HEADER_BYTES) {
            int at = in.readerIndex();
            long bytes = in.getUnsignedInt(at + 16);
            if (in.getLong(at) != Constants.OPTION_REPLY_MAGIC) {
                throw new ProtocolViolation("option reply magic 0x" + Long.toHexString(in.getLong(at)));
            }
            if (bytes > REPLY_BYTES_MAX) {
                throw new ProtocolViolation("an option reply of " + bytes + " > " + REPLY_BYTES_MAX + " bytes");
            }
            if (in.readableBytes() < Constants.OPTION_REPLY_HEADER_BYTES + bytes) {
                return Optional.empty();
            }
            in.skipBytes(Constants.OPTION_REPLY_HEADER_BYTES);
            Optional<OptionReply> reply = known(in.getInt(at + 12), in.readSlice((int) bytes));
            if (reply.isPresent()) {
                return Optional.of(new Answer(in.getInt(at + 8), reply.get()));
            }
        }
        return Optional.empty();
    }

    private static Optional<OptionReply> known(int type, ByteBuf data) {
        try {
            return switch (type) {
                case Constants.REP_ACK -> Optional.of(new OptionReply.Ack());
                case Constants.REP_SERVER -> Optional.of(server(data));
                case Constants.REP_INFO -> info(data);
                case Constants.REP_META_CONTEXT ->
                    Optional.of(new OptionReply.MetaContext(data.readInt(), text(data, data.readableBytes())));
                default -> Optional.of(refused(type, data));
            };
        } catch (IndexOutOfBoundsException | IllegalArgumentException unreadable) {
            throw new ProtocolViolation("option reply " + Integer.toHexString(type) + ": " + unreadable.getMessage());
        }
    }

    private static OptionReply server(ByteBuf data) {
        ExportName name = new ExportName(text(data, data.readInt()));
        return new OptionReply.Server(name, text(data, data.readableBytes()));
    }

    private static Optional<OptionReply> info(ByteBuf data) {
        return switch (data.readUnsignedShort()) {
            case Constants.INFO_EXPORT ->
                Optional.of(new OptionReply.InfoExport(new Length(data.readLong()), data.readUnsignedShort()));
            case Constants.INFO_NAME ->
                Optional.of(new OptionReply.InfoName(new ExportName(text(data, data.readableBytes()))));
            case Constants.INFO_DESCRIPTION ->
                Optional.of(new OptionReply.InfoDescription(text(data, data.readableBytes())));
            case Constants.INFO_BLOCK_SIZE -> Optional.of(new OptionReply.InfoBlockSizes(blocks(data)));
            default -> Optional.empty();
        };
    }

    private static BlockSizes blocks(ByteBuf data) {
        int minimum = data.readInt();
        int preferred = data.readInt();
        long most = Math.min(data.readUnsignedInt(), PAYLOAD_BYTES_MAX);
        return new BlockSizes(minimum, preferred, (int) most);
    }

    private static OptionReply refused(int type, ByteBuf data) {
        if (type >= 0) {
            throw new IllegalArgumentException("unknown, and not an error");
        }
        String why = text(data, data.readableBytes());
        for (OptionError error : OptionError.values()) {
            if (error.replyType() == type) {
                return new OptionReply.Refused(error, why);
            }
        }
        return new OptionReply.Refused(
                OptionError.UNSUPPORTED, "error " + (type - Constants.REP_ERR) + (why.isEmpty() ? "" : ": " + why));
    }

    private static String text(ByteBuf data, int bytes) {
        return data.readCharSequence(bytes, StandardCharsets.UTF_8).toString();
    }
}
