package io.tidemark.link.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * Puts frames together from bytes as they arrive, cut anywhere. The records of a range are copied once, to where the
 * sink wants them.
 *
 * <p>One assembler belongs to one connection, on its event loop.
 */
public final class FrameAssembler {

    /** Takes what was put together. */
    public interface Sink {

        void onMessage(Message message);

        /** Room for exactly the records that follow, or empty to drop them. The room comes back by {@link #takeRange}. */
        Optional<ByteBuf> place(RangeHeader range);

        void takeRange(RangeHeader range, ByteBuf records);
    }

    private sealed interface Stage {
        record Header() implements Stage {}

        record Body(FrameType type) implements Stage {}

        record Fields(int bodyBytes) implements Stage {}

        record Records(RangeHeader range) implements Stage {}

        record Dropping() implements Stage {}

        record Closed() implements Stage {}
    }

    private final Sink sink;
    private Stage stage = new Stage.Header();
    private ByteBuf part = Unpooled.buffer(Constants.FRAME_HEADER_BYTES, Constants.FRAME_HEADER_BYTES);
    private int toDrop;

    public FrameAssembler(Sink sink) {
        this.sink = sink;
    }

    /** Takes in all the bytes there are; the buffer is borrowed. */
    public void accept(ByteBuf in) {
        while (in.isReadable() && !(stage instanceof Stage.Closed)) {
            if (stage instanceof Stage.Dropping) {
                int bytes = Math.min(toDrop, in.readableBytes());
                in.skipBytes(bytes);
                toDrop -= bytes;
            } else {
                in.readBytes(part, Math.min(part.writableBytes(), in.readableBytes()));
            }
            if (toDrop == 0 && !part.isWritable()) {
                advance();
            }
        }
    }

    /** Gives back what is half put together. Nothing more is taken in. */
    public void close() {
        if (stage instanceof Stage.Records) {
            part.release();
        }
        stage = new Stage.Closed();
    }

    private void advance() {
        switch (stage) {
            case Stage.Header header -> onHeader(Decoder.header(part));
            case Stage.Body body -> {
                ByteBuf whole = begin();
                sink.onMessage(Decoder.message(body.type(), whole));
            }
            case Stage.Fields fields -> onFields(Decoder.range(fields.bodyBytes(), part));
            case Stage.Records records -> {
                ByteBuf whole = begin();
                sink.takeRange(records.range(), whole);
            }
            case Stage.Dropping dropping -> begin();
            case Stage.Closed closed -> {}
        }
    }

    private void onHeader(FrameHeader header) {
        if (header.type() == FrameType.RANGE) {
            collect(new Stage.Fields(header.bodyBytes()), Constants.RANGE_FIELDS_BYTES);
        } else if (header.bodyBytes() > 0) {
            collect(new Stage.Body(header.type()), header.bodyBytes());
        } else {
            begin();
            sink.onMessage(Decoder.message(header.type(), Unpooled.EMPTY_BUFFER));
        }
    }

    private void onFields(RangeHeader range) {
        Optional<ByteBuf> room = sink.place(range);
        if (room.isPresent()) {
            part = room.get();
            stage = new Stage.Records(range);
        } else {
            toDrop = range.wireBytes();
            stage = new Stage.Dropping();
        }
    }

    /** Begins the next frame and returns what was collected of the last one. */
    private ByteBuf begin() {
        ByteBuf collected = part;
        collect(new Stage.Header(), Constants.FRAME_HEADER_BYTES);
        return collected;
    }

    private void collect(Stage next, int bytes) {
        stage = next;
        part = Unpooled.buffer(bytes, bytes);
    }
}
