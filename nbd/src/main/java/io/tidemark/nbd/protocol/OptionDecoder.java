package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.Option.InfoType;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the client's options, each as a whole or not at all. */
public final class OptionDecoder {
    private final int optionBytesMax;
    private final int nameBytesMax;

    public OptionDecoder(int optionBytesMax, int nameBytesMax) {
        this.optionBytesMax = optionBytesMax;
        this.nameBytesMax = nameBytesMax;
    }

    /** Reads one option, or nothing if not all of it has arrived. */
    public Optional<Option> decode(ByteBuf in) {
        if (in.readableBytes() < Constants.OPTION_HEADER_BYTES) {
            return Optional.empty();
        }
        int at = in.readerIndex();
        if (in.getLong(at) != Constants.OPTION_MAGIC) {
            throw new ProtocolViolation("option magic 0x" + Long.toHexString(in.getLong(at)));
        }
        int type = in.getInt(at + 8);
        long dataBytes = in.getUnsignedInt(at + 12);
        if (dataBytes > optionBytesMax) {
            in.skipBytes(Constants.OPTION_HEADER_BYTES);
            return Optional.of(new Option.Oversized(type, dataBytes));
        }
        if (in.readableBytes() < Constants.OPTION_HEADER_BYTES + dataBytes) {
            return Optional.empty();
        }
        in.skipBytes(Constants.OPTION_HEADER_BYTES);
        return Optional.of(decode(type, in.readSlice((int) dataBytes)));
    }

    private Option decode(int type, ByteBuf data) {
        try {
            return switch (type) {
                case Constants.OPT_EXPORT_NAME -> new Option.UseExport(name(data, data.readableBytes()));
                case Constants.OPT_ABORT -> new Option.Abort();
                case Constants.OPT_LIST -> empty(data, new Option.ListExports());
                case Constants.OPT_STARTTLS -> empty(data, new Option.StartTls());
                case Constants.OPT_INFO -> new Option.Info(name(data, data.readInt()), infoTypes(data));
                case Constants.OPT_GO -> new Option.Go(name(data, data.readInt()), infoTypes(data));
                case Constants.OPT_STRUCTURED_REPLY -> empty(data, new Option.StructuredReply());
                case Constants.OPT_LIST_META_CONTEXT ->
                    new Option.ListMetaContexts(name(data, data.readInt()), queries(data));
                case Constants.OPT_SET_META_CONTEXT ->
                    new Option.SetMetaContexts(name(data, data.readInt()), queries(data));
                case Constants.OPT_EXTENDED_HEADERS -> empty(data, new Option.ExtendedHeaders());
                default -> new Option.Unknown(type);
            };
        } catch (Unreadable unreadable) {
            return new Option.Malformed(type, unreadable.error, unreadable.why);
        } catch (IndexOutOfBoundsException beyondTheData) {
            return new Option.Malformed(type, OptionError.INVALID, "a length leads beyond the option's data");
        }
    }

    private ExportName name(ByteBuf data, int bytes) {
        if (Integer.compareUnsigned(bytes, nameBytesMax) > 0) {
            throw new Unreadable(OptionError.TOO_BIG, "the name is longer than " + nameBytesMax + " bytes");
        }
        return new ExportName(string(data, bytes));
    }

    private static Set<InfoType> infoTypes(ByteBuf data) {
        int count = data.readUnsignedShort();
        Set<InfoType> wanted = EnumSet.noneOf(InfoType.class);
        for (int i = 0; i < count; i++) {
            switch (data.readUnsignedShort()) {
                case Constants.INFO_NAME -> wanted.add(InfoType.NAME);
                case Constants.INFO_DESCRIPTION -> wanted.add(InfoType.DESCRIPTION);
                case Constants.INFO_BLOCK_SIZE -> wanted.add(InfoType.BLOCK_SIZE);
                default -> {} // what is always told, or what a later client asks later servers for
            }
        }
        return empty(data, wanted);
    }

    private static List<String> queries(ByteBuf data) {
        long count = data.readUnsignedInt();
        List<String> queries = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            queries.add(string(data, data.readInt()));
        }
        return empty(data, queries);
    }

    private static String string(ByteBuf data, int bytes) {
        if (Integer.compareUnsigned(bytes, data.readableBytes()) > 0) {
            throw new Unreadable(OptionError.INVALID, "a string is longer than the option's data");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(data.readSlice(bytes).nioBuffer())
                    .toString();
            if (text.indexOf('\0') >= 0) {
                throw new Unreadable(OptionError.INVALID, "a string holds a NUL");
            }
            return text;
        } catch (CharacterCodingException notUtf8) {
            throw new Unreadable(OptionError.INVALID, "a string is not UTF-8");
        }
    }

    /** What was read, if nothing is left. */
    private static <T> T empty(ByteBuf data, T read) {
        if (data.isReadable()) {
            throw new Unreadable(OptionError.INVALID, data.readableBytes() + " bytes too many");
        }
        return read;
    }

    /** The way out of a half-read option; never leaves this class. */
    private static final class Unreadable extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final OptionError error;
        private final String why;

        Unreadable(OptionError error, String why) {
            super(why, null, false, false);
            this.error = error;
            this.why = why;
        }
    }
}
