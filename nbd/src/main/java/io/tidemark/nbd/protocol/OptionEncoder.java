package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.Option.InfoType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Writes the client's side of the handshake. */
public final class OptionEncoder {
    private OptionEncoder() {}

    /** Writes the answer to the greeting (proto.md, "Client flags"). */
    public static void flags(ClientFlags flags, ByteBuf out) {
        out.writeInt((flags.fixedNewstyle() ? Constants.FLAG_FIXED_NEWSTYLE : 0)
                | (flags.noZeroes() ? Constants.FLAG_NO_ZEROES : 0));
    }

    /**
     * Writes an option.
     *
     * @throws IllegalArgumentException if it is one that only a decoder makes
     */
    public static void option(Option option, ByteBuf out) {
        out.writeLong(Constants.OPTION_MAGIC).writeInt(option.type());
        int lengthAt = out.writerIndex();
        out.writeInt(0);
        data(option, out);
        out.setInt(lengthAt, out.writerIndex() - lengthAt - Integer.BYTES);
    }

    private static void data(Option option, ByteBuf out) {
        switch (option) {
            case Option.Abort abort -> {}
            case Option.ListExports list -> {}
            case Option.StartTls tls -> {}
            case Option.StructuredReply structured -> {}
            case Option.ExtendedHeaders extended -> {}
            case Option.UseExport use -> out.writeCharSequence(use.name().text(), StandardCharsets.UTF_8);
            case Option.Info info -> about(info.name(), info.wanted(), out);
            case Option.Go go -> about(go.name(), go.wanted(), out);
            case Option.ListMetaContexts list -> contexts(list.name(), list.queries(), out);
            case Option.SetMetaContexts set -> contexts(set.name(), set.queries(), out);
            case Option.Unknown unknown -> throw new IllegalArgumentException(unknown.toString());
            case Option.Malformed malformed -> throw new IllegalArgumentException(malformed.toString());
            case Option.Oversized oversized -> throw new IllegalArgumentException(oversized.toString());
        }
    }

    private static void about(ExportName name, Set<InfoType> wanted, ByteBuf out) {
        string(name.text(), out);
        out.writeShort(wanted.size());
        wanted.forEach(type -> out.writeShort(
                switch (type) {
                    case NAME -> Constants.INFO_NAME;
                    case DESCRIPTION -> Constants.INFO_DESCRIPTION;
                    case BLOCK_SIZE -> Constants.INFO_BLOCK_SIZE;
                }));
    }

    private static void contexts(ExportName name, List<String> queries, ByteBuf out) {
        string(name.text(), out);
        out.writeInt(queries.size());
        queries.forEach(query -> string(query, out));
    }

    private static void string(String text, ByteBuf out) {
        out.writeInt(ByteBufUtil.utf8Bytes(text));
        out.writeCharSequence(text, StandardCharsets.UTF_8);
    }
}
