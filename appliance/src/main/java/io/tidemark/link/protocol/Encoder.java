package io.tidemark.link.protocol;

import static io.tidemark.link.protocol.Constants.*;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Resume;
import io.tidemark.link.Site;
import io.tidemark.link.Standing;
import io.tidemark.term.Claim;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Writes frames: docs/protocol.md, sections 2 to 4. */
public final class Encoder {

    /** Room for most messages without growing; the longest are errors. */
    private static final int MESSAGE_BYTES = 128;

    private Encoder() {}

    /** The whole frame of a message; the caller releases it. */
    public static ByteBuf encode(Message message, ByteBufAllocator allocator) {
        ByteBuf frame = allocator.directBuffer(MESSAGE_BYTES);
        frame.writeZero(FRAME_HEADER_BYTES);
        FrameType type = body(message, frame);
        if (frame.readableBytes() > FRAME_HEADER_BYTES) {
            seal(frame);
        }
        header(type, frame.readableBytes() - FRAME_HEADER_BYTES, frame);
        return frame;
    }

    /** Header and fields of a RANGE, which its records must follow; the caller releases it. */
    public static ByteBuf encode(RangeHeader range, ByteBufAllocator allocator) {
        ByteBuf frame = allocator.directBuffer(FRAME_HEADER_BYTES + RANGE_FIELDS_BYTES);
        frame.writeZero(FRAME_HEADER_BYTES);
        frame.writeLongLE(range.session().number());
        frame.writeLongLE(range.first().number()).writeLongLE(range.last().number());
        frame.writeIntLE(range.count()).writeIntLE(range.bytes());
        frame.writeByte(range.encoding().number()).writeByte(kind(range)).writeShortLE(0);
        seal(frame);
        header(FrameType.RANGE, RANGE_FIELDS_BYTES + range.wireBytes(), frame);
        return frame;
    }

    static int kind(RangeHeader range) {
        return range.isFull() ? KIND_FULL : KIND_PARTIAL;
    }

    /** CRC32C of the first 12 bytes of a frame. */
    static int checksum(ByteBuf frame) {
        return checksum(frame, frame.readerIndex(), CRC_AT);
    }

    /** CRC32C of some bytes. */
    static int checksum(ByteBuf buffer, int at, int bytes) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.nioBuffer(at, bytes));
        return (int) crc.getValue();
    }

    /** Writes the checksum of all that follows the header so far. */
    private static void seal(ByteBuf frame) {
        frame.writeIntLE(checksum(frame, FRAME_HEADER_BYTES, frame.writerIndex() - FRAME_HEADER_BYTES));
    }

    private static void header(FrameType type, int bodyBytes, ByteBuf frame) {
        frame.setIntLE(0, MAGIC).setByte(TYPE_AT, type.number()).setIntLE(BODY_BYTES_AT, bodyBytes);
        frame.setIntLE(CRC_AT, checksum(frame));
    }

    private static FrameType body(Message message, ByteBuf out) {
        return switch (message) {
            case Message.Hello hello -> hello(hello, out);
            case Message.Welcome welcome -> welcome(welcome, out);
            case Message.Start start -> {
                sequence(start.first(), out);
                yield FrameType.START;
            }
            case Message.Acknowledge acknowledge -> ack(acknowledge.ack(), out);
            case Message.Told told -> term(told.claim(), out);
            case Message.Compare compare -> compare(compare, out);
            case Message.Equal equal -> {
                out.writeLongLE(equal.number()).writeLongLE(equal.blocks());
                yield FrameType.EQUAL;
            }
            case Message.Ping ping -> {
                out.writeLongLE(ping.token());
                yield FrameType.PING;
            }
            case Message.Pong pong -> {
                out.writeLongLE(pong.token());
                yield FrameType.PONG;
            }
            case Message.Bye bye -> FrameType.BYE;
            case Message.Failure failure -> {
                out.writeShortLE(failure.code().number());
                string(failure.text(), out);
                yield FrameType.ERROR;
            }
        };
    }

    private static FrameType hello(Message.Hello hello, ByteBuf out) {
        out.writeShortLE(hello.versions().lowest());
        out.writeShortLE(hello.versions().highest());
        site(hello.site(), out);
        uuid(hello.lineage().id().id(), out);
        sequence(hello.lineage().origin(), out);
        out.writeLongLE(hello.session().number());
        out.writeByte(hello.place().connection()).writeByte(hello.place().connections());
        return FrameType.HELLO;
    }

    private static FrameType welcome(Message.Welcome welcome, ByteBuf out) {
        Standing standing = welcome.standing();
        out.writeShortLE(welcome.version());
        site(standing.receiver(), out);
        sequence(standing.resume().last(), out);
        switch (standing.resume()) {
            case Resume.Nothing nothing -> out.writeZero(4 + 8);
            case Resume.After after ->
                out.writeIntLE(after.crc()).writeLongLE(after.incarnation().number());
        }
        out.writeLongLE(standing.credit().bytes());
        return FrameType.WELCOME;
    }

    private static FrameType ack(Ack ack, ByteBuf out) {
        sequence(ack.received(), out);
        sequence(ack.durable(), out);
        sequence(ack.floor(), out);
        out.writeLongLE(ack.credit().bytes());
        return FrameType.ACK;
    }

    private static FrameType term(Claim claim, ByteBuf out) {
        uuid(claim.vm().id(), out);
        out.writeLongLE(claim.term().number());
        string(claim.term().site(), out);
        out.writeByte(number(claim.kind()));
        sequence(claim.last(), out);
        uuid(claim.common().disk().id(), out);
        uuid(claim.common().journal().id(), out);
        out.writeIntLE(claim.common().checksum());
        return FrameType.TERM;
    }

    private static FrameType compare(Message.Compare compare, ByteBuf out) {
        Comparison comparison = compare.comparison();
        out.writeLongLE(compare.number());
        sequence(comparison.after(), out);
        uuid(comparison.stream().id(), out);
        out.writeLongLE(comparison.extent().offset());
        out.writeIntLE((int) comparison.extent().length());
        out.writeBytes(comparison.digests().duplicate());
        return FrameType.COMPARE;
    }

    private static int number(Claim.Kind kind) {
        return switch (kind) {
            case HELD -> TERM_HELD;
            case WANTED -> TERM_WANTED;
            case YIELDED -> TERM_YIELDED;
            case WITHDRAWN -> TERM_WITHDRAWN;
            case BASING -> TERM_BASING;
            case BASED -> TERM_BASED;
            case BASELESS -> TERM_BASELESS;
            case AGREED -> TERM_AGREED;
            case WHOLE -> TERM_WHOLE;
        };
    }

    private static void site(Site site, ByteBuf out) {
        uuid(site.id().id(), out);
        string(site.name().text(), out);
    }

    private static void sequence(Sequence sequence, ByteBuf out) {
        out.writeLongLE(sequence.number());
    }

    private static void uuid(UUID id, ByteBuf out) {
        out.writeLongLE(id.getMostSignificantBits()).writeLongLE(id.getLeastSignificantBits());
    }

    private static void string(String text, ByteBuf out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeShortLE(bytes.length).writeBytes(bytes);
    }
}
