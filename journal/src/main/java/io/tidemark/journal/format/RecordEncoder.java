package io.tidemark.journal.format;

import static io.tidemark.journal.format.RecordFormat.*;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Writes the header of a record into a buffer of its own, and leaves the payload where it is.
 *
 * <p>One encoder belongs to one thread; header and payload are valid until the next call.
 */
public final class RecordEncoder {

    private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(0);

    private final ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final CRC32C crc = new CRC32C();
    private ByteBuffer payload = EMPTY;

    /** Encodes a record. Afterwards {@link #header} and {@link #payload} are its bytes. */
    public void encode(Sequence sequence, long timeNanos, Entry entry) {
        header.clear();
        header.putInt(MAGIC_AT, MAGIC).put(VERSION_AT, VERSION).putShort(FLAGS_AT, (short) 0);
        header.putLong(SEQUENCE_AT, sequence.number()).putLong(TIME_AT, timeNanos);
        encode(entry);
        if (payload.remaining() > PAYLOAD_BYTES_MAX) {
            throw new Fault(
                    "record " + sequence + ": payload of " + payload.remaining() + " bytes, over " + PAYLOAD_BYTES_MAX);
        }
        header.putInt(PAYLOAD_BYTES_AT, payload.remaining());
        header.putInt(CRC_AT, checksum(crc, header, payload));
    }

    /** The 72 bytes of the header, ready to be read. */
    public ByteBuffer header() {
        return header.clear();
    }

    /** The payload; the caller may move its position. */
    public ByteBuffer payload() {
        return payload;
    }

    public int bytes() {
        return HEADER_BYTES + payload.remaining();
    }

    static int checksum(CRC32C crc, ByteBuffer header, ByteBuffer payload) {
        crc.reset();
        crc.update(header.slice(0, CRC_AT));
        crc.update(payload.duplicate());
        return (int) crc.getValue();
    }

    private void encode(Entry entry) {
        switch (entry) {
            case Entry.Write write -> {
                fields(WRITE, write);
                payload = write.payload().duplicate();
            }
            case Entry.Zero zero -> {
                fields(ZERO, zero);
                if (zero.keepAllocated()) {
                    header.putShort(FLAGS_AT, (short) (header.getShort(FLAGS_AT) | FLAG_KEEP_ALLOCATED));
                }
            }
            case Entry.Trim trim -> fields(TRIM, trim);
            case Entry.Control control -> encodeControl(control);
        }
    }

    private void encodeControl(Entry.Control entry) {
        switch (entry) {
            case Entry.Flush flush ->
                fields(FLUSH, flush.stream().id(), flush.epoch().number(), 0, 0);
            case Entry.Cut cut -> fields(CUT, StreamId.NONE.id(), 0, 0, 0);
            case Entry.CopyBegin begin ->
                fields(COPY_BEGIN, begin.stream().id(), begin.epoch().number(), 0, code(begin.side()));
            case Entry.CopyEnd end -> {
                fields(COPY_END, end.stream().id(), end.epoch().number(), 0, code(end.side()));
                payload = ByteBuffer.wrap(end.word().getBytes(StandardCharsets.UTF_8));
            }
            case Entry.Gap gap -> {
                fields(GAP, gap.stream().id(), 0, gap.since().number(), 0);
                payload = ByteBuffer.wrap(gap.reason().getBytes(StandardCharsets.UTF_8));
            }
            case Entry.Track track ->
                fields(TRACK, track.stream().id(), 0, track.since().number(), track.all() ? TRACK_ALL : TRACK_BEHIND);
            case Entry.AwaitRestart await ->
                fields(AWAIT_RESTART, await.stream().id(), 0, 0, 0);
            case Entry.GuestRestarted restarted ->
                fields(GUEST_RESTARTED, restarted.stream().id(), 0, 0, 0);
            case Entry.Opened opened -> {
                fields(OPENED, StreamId.NONE.id(), 0, 0, 0);
                payload = ByteBuffer.allocate(OPENED_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(opened.incarnation().number())
                        .putLong(opened.boot().getMostSignificantBits())
                        .putLong(opened.boot().getLeastSignificantBits())
                        .flip();
            }
            case Entry.Closed closed -> fields(CLOSED, StreamId.NONE.id(), 0, 0, 0);
            case Entry.VmDefined defined -> {
                fields(VM_DEFINED, defined.vm().id(), 0, 0, 0);
                payload = defined.document().duplicate();
            }
            case Entry.VmRemoved removed -> fields(VM_REMOVED, removed.vm().id(), 0, 0, 0);
        }
    }

    private void fields(byte type, Entry.Data data) {
        Extent extent = data.extent();
        fields(type, data.stream().id(), data.epoch().number(), extent.offset(), extent.length());
        header.putShort(FLAGS_AT, RecordFormat.flag(data.shipping()));
    }

    private void fields(byte type, UUID stream, long epoch, long offset, long length) {
        header.put(TYPE_AT, type)
                .putLong(STREAM_AT, stream.getMostSignificantBits())
                .putLong(STREAM_AT + 8, stream.getLeastSignificantBits())
                .putLong(EPOCH_AT, epoch)
                .putLong(OFFSET_AT, offset)
                .putLong(LENGTH_AT, length);
        payload = EMPTY;
    }
}
