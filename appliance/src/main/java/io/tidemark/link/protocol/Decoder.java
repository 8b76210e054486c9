package io.tidemark.link.protocol;

import static io.tidemark.link.protocol.Constants.*;

import io.netty.buffer.ByteBuf;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Lineage;
import io.tidemark.link.Resume;
import io.tidemark.link.SessionId;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.link.Standing;
import io.tidemark.term.Claim;
import io.tidemark.term.Common;
import io.tidemark.term.Term;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Function;

/**
 * Reads what may be anything at all: whole headers and whole bodies, as {@link FrameAssembler} collects them.
 *
 * <p>Whatever is not exactly what docs/protocol.md says is a {@link ProtocolViolation}.
 */
final class Decoder {

    private static final FrameType[] TYPES = FrameType.values();
    private static final ErrorCode[] CODES = ErrorCode.values();

    private Decoder() {}

    /** Reads the 16 bytes that a frame begins with: section 2. */
    static FrameHeader header(ByteBuf bytes) {
        int at = bytes.readerIndex();
        if (bytes.getIntLE(at) != MAGIC) {
            throw new ProtocolViolation("magic " + Integer.toHexString(bytes.getIntLE(at)));
        }
        if (bytes.getIntLE(at + CRC_AT) != Encoder.checksum(bytes)) {
            throw new ProtocolViolation("checksum of a frame's header");
        }
        int number = bytes.getUnsignedByte(at + TYPE_AT);
        if (number < 1 || number > TYPES.length) {
            throw new ProtocolViolation("type " + number);
        }
        FrameType type = TYPES[number - 1];
        if (bytes.getByte(at + ZERO_BYTE_AT) != 0 || bytes.getShortLE(at + ZERO_SHORT_AT) != 0) {
            throw new ProtocolViolation(type + ": bytes 5 to 7 are not zero");
        }
        long length = bytes.getUnsignedIntLE(at + BODY_BYTES_AT);
        if (length > (type == FrameType.RANGE ? BODY_BYTES_MAX : CONTROL_BODY_BYTES_MAX)) {
            throw new ProtocolViolation(type + " of " + length + " bytes");
        }
        return new FrameHeader(type, (int) length);
    }

    /** Reads a whole body of any type but RANGE: sections 3 and 4. */
    static Message message(FrameType type, ByteBuf body) {
        return whole(type, body.isReadable() ? opened(type, body) : body, fields -> switch (type) {
            case HELLO -> hello(fields);
            case WELCOME -> welcome(fields);
            case START -> new Message.Start(sequence(fields));
            case ACK ->
                new Message.Acknowledge(new Ack(sequence(fields), sequence(fields), sequence(fields), credit(fields)));
            case PING -> new Message.Ping(fields.readLongLE());
            case PONG -> new Message.Pong(fields.readLongLE());
            case BYE -> new Message.Bye();
            case ERROR -> new Message.Failure(code(fields), string(fields));
            case TERM -> new Message.Told(claim(fields));
            case COMPARE -> new Message.Compare(fields.readLongLE(), comparison(fields));
            case EQUAL -> new Message.Equal(fields.readLongLE(), fields.readLongLE());
            case RANGE -> throw new IllegalArgumentException("RANGE is not a message");
        });
    }

    /** Reads the fields of a RANGE whose body has so many bytes, records included: section 4. */
    static RangeHeader range(int bodyBytes, ByteBuf fields) {
        return whole(FrameType.RANGE, opened(FrameType.RANGE, fields), body -> {
            SessionId session = new SessionId(body.readLongLE());
            Sequence first = sequence(body);
            Sequence last = sequence(body);
            int count = body.readIntLE();
            int bytes = body.readIntLE();
            RangeHeader.Encoding encoding = encoding(body.readUnsignedByte());
            int kind = body.readUnsignedByte();
            int extraBytes = body.readUnsignedShortLE();
            RangeHeader range =
                    new RangeHeader(session, first, last, count, bytes, encoding, bodyBytes - RANGE_FIELDS_BYTES);
            if (kind != Encoder.kind(range) || extraBytes != 0) {
                throw new ProtocolViolation("RANGE of kind " + kind + " with " + extraBytes + " bytes of extra fields");
            }
            return range;
        });
    }

    /** The fields in front of their checksum, which has to be right. */
    private static ByteBuf opened(FrameType type, ByteBuf sealed) {
        int bytes = sealed.readableBytes() - CRC_BYTES;
        if (bytes < 0) {
            throw new ProtocolViolation(type + " is too short");
        }
        ByteBuf fields = sealed.readSlice(bytes);
        if (sealed.readIntLE() != Encoder.checksum(fields, fields.readerIndex(), bytes)) {
            throw new ProtocolViolation("checksum of " + type);
        }
        return fields;
    }

    /** What {@code fields} makes of the body, if that is all of it. */
    private static <T> T whole(FrameType type, ByteBuf body, Function<ByteBuf, T> fields) {
        T read;
        try {
            read = fields.apply(body);
        } catch (IndexOutOfBoundsException tooShort) {
            throw new ProtocolViolation(type + " is too short");
        } catch (IllegalArgumentException outOfRange) {
            throw new ProtocolViolation(type + ": " + outOfRange.getMessage());
        }
        if (body.isReadable()) {
            throw new ProtocolViolation(type + " is " + body.readableBytes() + " bytes too long");
        }
        return read;
    }

    private static Message.Hello hello(ByteBuf body) {
        Message.Hello hello = new Message.Hello(
                new Message.Versions(body.readUnsignedShortLE(), body.readUnsignedShortLE()),
                site(body),
                new Lineage(new JournalId(uuid(body)), sequence(body)),
                new SessionId(body.readLongLE()),
                new Message.Place(body.readUnsignedByte(), body.readUnsignedByte()));
        if (hello.versions().highest() > VERSION) {
            body.skipBytes(body.readableBytes()); // fields of a later version
        }
        return hello;
    }

    private static Message.Welcome welcome(ByteBuf body) {
        int version = body.readUnsignedShortLE();
        Site site = site(body);
        Sequence last = sequence(body);
        int crc = body.readIntLE();
        Incarnation incarnation = new Incarnation(body.readLongLE());
        if (last.equals(Sequence.NONE) && (crc != 0 || incarnation.number() != 0)) {
            throw new ProtocolViolation("WELCOME: a record where there is none");
        }
        Resume resume = last.equals(Sequence.NONE) ? new Resume.Nothing() : new Resume.After(last, crc, incarnation);
        return new Message.Welcome(version, new Standing(site, resume, credit(body)));
    }

    private static Comparison comparison(ByteBuf body) {
        Sequence after = sequence(body);
        StreamId stream = new StreamId(uuid(body));
        Extent extent = new Extent(body.readLongLE(), body.readUnsignedIntLE());
        byte[] digests = new byte[body.readableBytes()]; // of a frame that is no longer than a message may be
        body.readBytes(digests);
        return new Comparison(stream, extent, after, ByteBuffer.wrap(digests));
    }

    private static Claim claim(ByteBuf body) {
        return new Claim(
                new VmId(uuid(body)),
                new Term(body.readLongLE(), string(body)),
                kind(body.readUnsignedByte()),
                common(body));
    }

    private static Common common(ByteBuf body) {
        Sequence last = sequence(body);
        return new Common(new StreamId(uuid(body)), new JournalId(uuid(body)), last, body.readIntLE());
    }

    private static Claim.Kind kind(int number) {
        return switch (number) {
            case TERM_HELD -> Claim.Kind.HELD;
            case TERM_WANTED -> Claim.Kind.WANTED;
            case TERM_YIELDED -> Claim.Kind.YIELDED;
            case TERM_WITHDRAWN -> Claim.Kind.WITHDRAWN;
            case TERM_BASING -> Claim.Kind.BASING;
            case TERM_BASED -> Claim.Kind.BASED;
            case TERM_BASELESS -> Claim.Kind.BASELESS;
            case TERM_AGREED -> Claim.Kind.AGREED;
            case TERM_WHOLE -> Claim.Kind.WHOLE;
            default -> throw new ProtocolViolation("TERM of kind " + number);
        };
    }

    private static Site site(ByteBuf body) {
        return new Site(new SiteId(uuid(body)), new SiteName(string(body)));
    }

    private static Sequence sequence(ByteBuf body) {
        return new Sequence(body.readLongLE());
    }

    private static Credit credit(ByteBuf body) {
        return new Credit(body.readLongLE());
    }

    private static UUID uuid(ByteBuf body) {
        return new UUID(body.readLongLE(), body.readLongLE());
    }

    private static ErrorCode code(ByteBuf body) {
        int number = body.readUnsignedShortLE();
        if (number < 1 || number > CODES.length) {
            throw new ProtocolViolation("error code " + number);
        }
        return CODES[number - 1];
    }

    private static RangeHeader.Encoding encoding(int number) {
        return switch (number) {
            case ENCODING_PLAIN -> RangeHeader.Encoding.PLAIN;
            case ENCODING_ZSTD -> RangeHeader.Encoding.ZSTD;
            default -> throw new ProtocolViolation("encoding " + number);
        };
    }

    private static String string(ByteBuf body) {
        ByteBuf bytes = body.readSlice(body.readUnsignedShortLE());
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.nioBuffer()).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new ProtocolViolation("a string is not UTF-8");
        }
    }
}
