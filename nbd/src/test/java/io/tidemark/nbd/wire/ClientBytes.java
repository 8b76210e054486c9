package io.tidemark.nbd.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Option.InfoType;
import io.tidemark.nbd.protocol.Request;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;

/** What a client sends. */
public final class ClientBytes {
    private ClientBytes() {}

    /** The client's flags: fixed newstyle, no zeroes. */
    public static byte[] flags() {
        return new byte[] {0, 0, 0, 3};
    }

    /** An option with any data. */
    public static byte[] option(int type, byte[] data) {
        return write(out -> {
            out.writeLong(0x49484156454F5054L);
            out.writeInt(type);
            out.writeInt(data.length);
            out.write(data);
        });
    }

    /** An option as its message says. */
    public static byte[] option(Option option) {
        byte[] data =
                switch (option) {
                    case Option.Abort abort -> new byte[0];
                    case Option.ListExports list -> new byte[0];
                    case Option.StartTls startTls -> new byte[0];
                    case Option.StructuredReply structured -> new byte[0];
                    case Option.ExtendedHeaders extended -> new byte[0];
                    case Option.UseExport use -> use.name().text().getBytes(UTF_8);
                    case Option.Info info -> info(info.name(), info.wanted());
                    case Option.Go go -> info(go.name(), go.wanted());
                    case Option.ListMetaContexts list -> queries(list.name(), list.queries());
                    case Option.SetMetaContexts set -> queries(set.name(), set.queries());
                    case Option.Unknown unknown -> new byte[0];
                    case Option.Malformed malformed -> throw new IllegalArgumentException(malformed.why());
                    case Option.Oversized oversized -> throw new IllegalArgumentException("no data are kept");
                };
        return option(option.type(), data);
    }

    /** A request without its payload. */
    public static byte[] request(HeaderStyle style, Request request) {
        return write(out -> {
            out.writeInt(style == HeaderStyle.EXTENDED ? 0x21e41c71 : 0x25609513);
            out.writeShort(request.flags());
            out.writeShort(request.type());
            out.writeLong(request.cookie());
            out.writeLong(request.offset());
            if (style == HeaderStyle.EXTENDED) {
                out.writeLong(request.length());
            } else {
                out.writeInt((int) request.length());
            }
        });
    }

    public static byte[] concat(byte[]... parts) {
        return write(out -> {
            for (byte[] part : parts) {
                out.write(part);
            }
        });
    }

    private static byte[] info(ExportName name, Set<InfoType> wanted) {
        return write(out -> {
            string(name.text(), out);
            out.writeShort(wanted.size());
            for (InfoType type : wanted) {
                out.writeShort(
                        switch (type) {
                            case NAME -> 1;
                            case DESCRIPTION -> 2;
                            case BLOCK_SIZE -> 3;
                        });
            }
        });
    }

    private static byte[] queries(ExportName name, List<String> queries) {
        return write(out -> {
            string(name.text(), out);
            out.writeInt(queries.size());
            for (String query : queries) {
                string(query, out);
            }
        });
    }

    private static void string(String text, DataOutputStream out) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] write(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writer.write(new DataOutputStream(bytes));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private interface Writer {
        void write(DataOutputStream out) throws IOException;
    }
}
