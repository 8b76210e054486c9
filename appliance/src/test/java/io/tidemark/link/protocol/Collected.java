package io.tidemark.link.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A sink that keeps what was put together; ranges as their header and their records. */
final class Collected implements FrameAssembler.Sink {

    record Ranged(RangeHeader header, ByteBuf records) {}

    final List<Object> frames = new ArrayList<>();
    private final List<ByteBuf> rooms = new ArrayList<>();
    private boolean dropping;

    /** From now on records are dropped. */
    void dropRecords() {
        dropping = true;
    }

    /** Rooms that were given and are still in use. */
    long roomsInUse() {
        return rooms.stream().filter(room -> room.refCnt() > 0).count();
    }

    @Override
    public void onMessage(Message message) {
        frames.add(message);
    }

    @Override
    public Optional<ByteBuf> place(RangeHeader range) {
        if (dropping) {
            return Optional.empty();
        }
        ByteBuf room = Unpooled.buffer(range.wireBytes(), range.wireBytes());
        rooms.add(room);
        return Optional.of(room);
    }

    @Override
    public void takeRange(RangeHeader range, ByteBuf records) {
        frames.add(new Ranged(range, Unpooled.copiedBuffer(records)));
        records.release();
    }
}
