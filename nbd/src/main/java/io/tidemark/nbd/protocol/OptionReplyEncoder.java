package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tidemark.nbd.BlockSizes;
import java.nio.charset.StandardCharsets;

/** Writes the server's side of the handshake. */
public final class OptionReplyEncoder {
    private OptionReplyEncoder() {}

    /** Writes the first words of the server (proto.md, "Newstyle negotiation"). */
    public static void greeting(ByteBuf out) {
        out.writeLong(Constants.NBD_MAGIC)
                .writeLong(Constants.OPTION_MAGIC)
                .writeShort(Constants.FLAG_FIXED_NEWSTYLE | Constants.FLAG_NO_ZEROES);
    }

    /** Writes the answer to {@code NBD_OPT_EXPORT_NAME}, which is not in the form of a reply. */
    public static void exportName(OptionReply.InfoExport export, ClientFlags flags, ByteBuf out) {
        out.writeLong(export.size().bytes()).writeShort(export.transmissionFlags());
        if (!flags.noZeroes()) {
            out.writeZero(Constants.EXPORT_NAME_ZEROES_BYTES);
        }
    }

    /** Writes a reply to an option of the given type. */
    public static void reply(int optionType, OptionReply reply, ByteBuf out) {
        out.writeLong(Constants.OPTION_REPLY_MAGIC).writeInt(optionType).writeInt(replyType(reply));
        int lengthAt = out.writerIndex();
        out.writeInt(0);
        data(reply, out);
        out.setInt(lengthAt, out.writerIndex() - lengthAt - Integer.BYTES);
    }

    private static int replyType(OptionReply reply) {
        return switch (reply) {
            case OptionReply.Ack ack -> Constants.REP_ACK;
            case OptionReply.Server server -> Constants.REP_SERVER;
            case OptionReply.InfoExport export -> Constants.REP_INFO;
            case OptionReply.InfoName name -> Constants.REP_INFO;
            case OptionReply.InfoDescription description -> Constants.REP_INFO;
            case OptionReply.InfoBlockSizes blocks -> Constants.REP_INFO;
            case OptionReply.MetaContext context -> Constants.REP_META_CONTEXT;
            case OptionReply.Refused refused -> refused.error().replyType();
        };
    }

    private static void data(OptionReply reply, ByteBuf out) {
        switch (reply) {
            case OptionReply.Ack ack -> {}
            case OptionReply.Server server -> {
                out.writeInt(ByteBufUtil.utf8Bytes(server.name().text()));
                string(server.name().text(), out);
                string(server.description(), out);
            }
            case OptionReply.InfoExport export ->
                out.writeShort(Constants.INFO_EXPORT)
                        .writeLong(export.size().bytes())
                        .writeShort(export.transmissionFlags());
            case OptionReply.InfoName name -> string(name.name().text(), out.writeShort(Constants.INFO_NAME));
            case OptionReply.InfoDescription description ->
                string(description.text(), out.writeShort(Constants.INFO_DESCRIPTION));
            case OptionReply.InfoBlockSizes sizes -> {
                BlockSizes blocks = sizes.blocks();
                out.writeShort(Constants.INFO_BLOCK_SIZE)
                        .writeInt(blocks.minimumBytes())
                        .writeInt(blocks.preferredBytes())
                        .writeInt(blocks.payloadBytesMax());
            }
            case OptionReply.MetaContext context -> string(context.name(), out.writeInt(context.id()));
            case OptionReply.Refused refused -> string(refused.why(), out);
        }
    }

    private static void string(String text, ByteBuf out) {
        out.writeCharSequence(text, StandardCharsets.UTF_8);
    }
}
