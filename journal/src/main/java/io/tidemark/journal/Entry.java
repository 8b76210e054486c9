package io.tidemark.journal;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What a record says, before the journal has given it a sequence (docs/journal.md, section 2).
 *
 * <p>Payload buffers are read from their position to their limit and are only borrowed.
 */
public sealed interface Entry {

    /** Whether it proves that the source of its stream was with us: only what the source itself has caused does. */
    default boolean provesSource() {
        return false;
    }

    /** What changes the bytes of a disk. */
    sealed interface Data extends Entry permits Write, Zero, Trim {
        StreamId stream();

        Epoch epoch();

        Extent extent();

        Shipping shipping();

        @Override
        default boolean provesSource() {
            return shipping() != Shipping.COPIED;
        }
    }

    /** What changes states, epochs or definitions; small, and never refused for want of space. */
    sealed interface Control extends Entry
            permits Flush,
                    Cut,
                    CopyBegin,
                    CopyEnd,
                    Gap,
                    Track,
                    AwaitRestart,
                    GuestRestarted,
                    Opened,
                    Closed,
                    VmDefined,
                    VmRemoved {

        /** Whether an epoch of some stream ends here, so that it may be a recovery point. */
        default boolean endsEpoch() {
            return false;
        }
    }

    /** {@code payload} replaces the bytes from {@code offset} on. */
    record Write(StreamId stream, Epoch epoch, long offset, ByteBuffer payload, Shipping shipping) implements Data {

        public Write(StreamId stream, Epoch epoch, long offset, ByteBuffer payload) {
            this(stream, epoch, offset, payload, Shipping.SHIPPED);
        }

        @Override
        public Extent extent() {
            return new Extent(offset, payload.remaining());
        }
    }

    /** The extent reads as zeroes from here on; {@code keepAllocated} asks the volume not to make a hole. */
    record Zero(StreamId stream, Epoch epoch, Extent extent, boolean keepAllocated, Shipping shipping) implements Data {

        public Zero(StreamId stream, Epoch epoch, Extent extent, boolean keepAllocated) {
            this(stream, epoch, extent, keepAllocated, Shipping.SHIPPED);
        }
    }

    /** The source no longer needs the extent; it reads as zeroes, so that both sites stay equal. */
    record Trim(StreamId stream, Epoch epoch, Extent extent, Shipping shipping) implements Data {

        public Trim(StreamId stream, Epoch epoch, Extent extent) {
            this(stream, epoch, extent, Shipping.SHIPPED);
        }
    }

    /** The source flushed: the end of {@code epoch}. */
    record Flush(StreamId stream, Epoch epoch) implements Control {
        @Override
        public boolean provesSource() {
            return true;
        }

        @Override
        public boolean endsEpoch() {
            return true;
        }
    }

    /** The end of the open epoch of every stream whose attach mode keeps order. */
    record Cut() implements Control {
        @Override
        public boolean endsEpoch() {
            return true;
        }
    }

    /** From here on the stream is being copied, in any order, and has no consistent point. */
    record CopyBegin(StreamId stream, Epoch epoch, Side side) implements Control {}

    /**
     * One instant at which the copy is complete; the end of {@code epoch}.
     *
     * @param word empty when that was seen; else on whose word nothing is missing, and why
     */
    record CopyEnd(StreamId stream, Epoch epoch, Side side, String word) implements Control {

        public CopyEnd(StreamId stream, Epoch epoch, Side side) {
            this(stream, epoch, side, "");
        }

        @Override
        public boolean provesSource() {
            return side == Side.INTAKE;
        }

        @Override
        public boolean endsEpoch() {
            return true;
        }
    }

    /** Writes of the stream may be missing behind {@code since}: the stream is suspect from there on. */
    record Gap(StreamId stream, Sequence since, String reason) implements Control {}

    /**
     * Changes of the stream were given up instead of shipped, and a copy has to bring the replica back in step: the blocks are dirty that
     * were changed behind {@code since}, or all of them.
     */
    record Track(StreamId stream, Sequence since, boolean all) implements Control {}

    /** Acknowledged writes may have been lost with the machine; clients wait until the guest was restarted. */
    record AwaitRestart(StreamId stream) implements Control {}

    /** The guest of the stream was restarted after {@link AwaitRestart}. */
    record GuestRestarted(StreamId stream) implements Control {}

    /** A life of the journal begins. {@code boot} is the kernel's boot id: a new one means that the machine restarted. */
    record Opened(Incarnation incarnation, UUID boot) implements Control {}

    /** A life of the journal ended cleanly: nothing was in flight. */
    record Closed() implements Control {}

    /** The VM as it is from here on: its disks, its definition. The journal does not look into the document. */
    record VmDefined(VmId vm, ByteBuffer document) implements Control {}

    /** The VM is no longer protected. */
    record VmRemoved(VmId vm) implements Control {}
}
