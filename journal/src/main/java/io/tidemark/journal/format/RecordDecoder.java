package io.tidemark.journal.format;

import static io.tidemark.journal.format.RecordFormat.*;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Reads records out of bytes that may be anything at all.
 *
 * <p>One decoder belongs to one thread.
 */
public final class RecordDecoder {

    private final CRC32C crc = new CRC32C();

    /**
     * Reads the record at the buffer's position and moves the position behind it. Payloads are slices of the buffer.
     *
     * @throws BadRecord when the bytes up to the limit do not begin with a whole, valid record; the position is where it was
     */
    public JournalRecord decode(ByteBuffer bytes) throws BadRecord {
        int start = bytes.position();
        int size = size(bytes);
        ByteBuffer record = bytes.slice(start, size).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer payload = record.slice(HEADER_BYTES, size - HEADER_BYTES);
        if (RecordEncoder.checksum(crc, record, payload) != record.getInt(CRC_AT)) {
            throw new BadRecord("checksum");
        }
        JournalRecord decoded = new JournalRecord(
                sequence(record.getLong(SEQUENCE_AT)), record.getLong(TIME_AT), entry(record, payload));
        bytes.position(start + size);
        return decoded;
    }

    /**
     * Reads the one record that fills the document exactly.
     *
     * @throws BadRecord when the document is anything else
     */
    public JournalRecord decodeWhole(ByteBuffer document) throws BadRecord {
        ByteBuffer bytes = document.duplicate();
        JournalRecord record = decode(bytes);
        if (bytes.hasRemaining()) {
            throw new BadRecord(bytes.remaining() + " bytes behind the record in its document");
        }
        return record;
    }

    /** The size in bytes of the record at the buffer's position, by its header alone. */
    public static int size(ByteBuffer bytes) throws BadRecord {
        if (bytes.remaining() < HEADER_BYTES) {
            throw new BadRecord("header of " + bytes.remaining() + " bytes");
        }
        ByteBuffer header = bytes.slice(bytes.position(), HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (header.getInt(MAGIC_AT) != MAGIC) {
            throw new BadRecord("magic " + Integer.toHexString(header.getInt(MAGIC_AT)));
        }
        if (header.get(VERSION_AT) != VERSION) {
            throw new BadRecord("version " + header.get(VERSION_AT));
        }
        int payload = header.getInt(PAYLOAD_BYTES_AT);
        if (payload < 0 || payload > PAYLOAD_BYTES_MAX || payload > bytes.remaining() - HEADER_BYTES) {
            throw new BadRecord("payload of " + payload + " bytes");
        }
        return HEADER_BYTES + payload;
    }

    /** The size in bytes of a decoded record as it was encoded. */
    public static int size(JournalRecord record) {
        return HEADER_BYTES
                + switch (record.entry()) {
                    case Entry.Write write -> write.payload().remaining();
                    case Entry.CopyEnd end -> end.word().getBytes(StandardCharsets.UTF_8).length;
                    case Entry.Gap gap -> gap.reason().getBytes(StandardCharsets.UTF_8).length;
                    case Entry.Opened opened -> OPENED_BYTES;
                    case Entry.VmDefined defined -> defined.document().remaining();
                    default -> 0;
                };
    }

    private static Sequence sequence(long number) throws BadRecord {
        if (number <= 0) {
            throw new BadRecord("sequence " + number);
        }
        return new Sequence(number);
    }

    private static Entry entry(ByteBuffer record, ByteBuffer payload) throws BadRecord {
        try {
            int flags = record.getShort(FLAGS_AT);
            byte type = record.get(TYPE_AT);
            if ((flags & ~flagsOf(type)) != 0) {
                throw new BadRecord("flags " + Integer.toHexString(flags));
            }
            if (payload.hasRemaining() && !hasPayload(type)) {
                throw new BadRecord("type " + type + " with a payload of " + payload.remaining() + " bytes");
            }
            StreamId stream = new StreamId(id(record));
            return switch (type) {
                case WRITE -> write(record, stream, payload);
                case ZERO ->
                    new Entry.Zero(
                            stream,
                            epoch(record),
                            extent(record),
                            (flags & FLAG_KEEP_ALLOCATED) != 0,
                            RecordFormat.shipping(flags));
                case TRIM -> new Entry.Trim(stream, epoch(record), extent(record), RecordFormat.shipping(flags));
                case FLUSH -> new Entry.Flush(stream, epoch(record));
                case CUT -> new Entry.Cut();
                case COPY_BEGIN -> new Entry.CopyBegin(stream, epoch(record), side(record.getLong(LENGTH_AT)));
                case COPY_END ->
                    new Entry.CopyEnd(stream, epoch(record), side(record.getLong(LENGTH_AT)), text(payload));
                case GAP -> new Entry.Gap(stream, new Sequence(record.getLong(OFFSET_AT)), text(payload));
                case TRACK -> track(record, stream);
                case AWAIT_RESTART -> new Entry.AwaitRestart(stream);
                case GUEST_RESTARTED -> new Entry.GuestRestarted(stream);
                case OPENED -> opened(payload);
                case CLOSED -> new Entry.Closed();
                case VM_DEFINED -> new Entry.VmDefined(new VmId(stream.id()), payload);
                case VM_REMOVED -> new Entry.VmRemoved(new VmId(stream.id()));
                default -> throw new BadRecord("type " + type);
            };
        } catch (IllegalArgumentException e) {
            throw new BadRecord(String.valueOf(e.getMessage()));
        }
    }

    private static int flagsOf(byte type) {
        return switch (type) {
            case WRITE, TRIM -> FLAG_COPIED | FLAG_LEFT_OUT;
            case ZERO -> FLAG_KEEP_ALLOCATED | FLAG_COPIED | FLAG_LEFT_OUT;
            default -> 0;
        };
    }

    private static boolean hasPayload(byte type) {
        return type == WRITE || type == COPY_END || type == GAP || type == OPENED || type == VM_DEFINED;
    }

    /** Text that would be the same bytes again: a record's size is known from what was decoded. */
    private static String text(ByteBuffer payload) throws BadRecord {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(payload).toString();
        } catch (CharacterCodingException e) {
            throw new BadRecord("text that is not UTF-8");
        }
    }

    private static Entry write(ByteBuffer record, StreamId stream, ByteBuffer payload) throws BadRecord {
        if (extent(record).length() != payload.remaining()) {
            throw new BadRecord("write of " + record.getLong(LENGTH_AT) + " bytes with " + payload.remaining());
        }
        return new Entry.Write(
                stream,
                epoch(record),
                record.getLong(OFFSET_AT),
                payload,
                RecordFormat.shipping(record.getShort(FLAGS_AT)));
    }

    private static Entry track(ByteBuffer record, StreamId stream) throws BadRecord {
        long scope = record.getLong(LENGTH_AT);
        if (scope != TRACK_ALL && scope != TRACK_BEHIND) {
            throw new BadRecord("track of scope " + scope);
        }
        return new Entry.Track(stream, new Sequence(record.getLong(OFFSET_AT)), scope == TRACK_ALL);
    }

    private static Entry opened(ByteBuffer payload) throws BadRecord {
        if (payload.remaining() != OPENED_BYTES) {
            throw new BadRecord("opened with " + payload.remaining() + " bytes");
        }
        ByteBuffer fields = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return new Entry.Opened(new Incarnation(fields.getLong()), new UUID(fields.getLong(), fields.getLong()));
    }

    private static Epoch epoch(ByteBuffer record) {
        return new Epoch(record.getLong(EPOCH_AT));
    }

    private static Extent extent(ByteBuffer record) {
        return new Extent(record.getLong(OFFSET_AT), record.getLong(LENGTH_AT));
    }

    private static UUID id(ByteBuffer record) {
        return new UUID(record.getLong(STREAM_AT), record.getLong(STREAM_AT + 8));
    }
}
