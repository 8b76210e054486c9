package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidemark.nbd.memory.Lane;
import io.tidemark.nbd.memory.Lease;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Where the bytes of one connection land: in a batch, from which requests are decoded and small payloads are sliced, or
 * in a piece of a large write, without a detour.
 *
 * <p>Both are leased memory. There is a batch only while it holds bytes: an idle connection has none. The size of the
 * next one follows what the last read brought, so that a small write that is not released at once does not keep a large
 * buffer.
 */
final class Receiver implements ReceiveAllocator.Landing {
    private static final int BATCH_BYTES_MIN = 8 << 10;

    private final Lane lane;
    private final int batchBytesMin;
    private final int batchBytesMax;
    /** What came in buffers that are not ours: from TLS, or when Netty read although it was told not to. */
    private final ArrayDeque<ByteBuf> strays = new ArrayDeque<>();

    private Lease batch = Lease.NONE;
    private Lease landing = Lease.NONE;
    private int landedUpTo;
    private int nextBatchBytes;

    Receiver(Lane lane, int batchBytesMax) {
        this.lane = lane;
        this.batchBytesMin = Math.min(BATCH_BYTES_MIN, batchBytesMax);
        this.batchBytesMax = batchBytesMax;
        this.nextBatchBytes = batchBytesMin;
    }

    /** The batch: what has arrived and not been consumed. */
    ByteBuf bytes() {
        return batch.buffer();
    }

    /** A batch that may also have other holders. */
    Lease batch() {
        return batch;
    }

    /** The longest request, with its payload, that is worth waiting for in the batch. */
    int wholeRequestBytesMax() {
        return batch.buffer().capacity() / 2;
    }

    /**
     * The buffer for Netty's next read. If there is no room although reading was stopped, the bytes become strays: Netty
     * does that at most once after a stop, and without end after the client has hung up.
     */
    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
        if (strays.isEmpty() && hasRoom()) {
            landedUpTo = landing.buffer().writerIndex();
            return landing.buffer().retain();
        }
        return allocator.directBuffer(batchBytesMin);
    }

    /** Takes over what was read. */
    @SuppressWarnings("ReferenceEquality") // whether it is this buffer, not one with the same bytes in it
    void takeLanded(ByteBuf read) {
        if (read == landing.buffer()) {
            read.release();
            sizeNextBatch(read.writerIndex() - landedUpTo);
        } else {
            strays.add(read);
        }
    }

    /** How much has arrived for which there is no room. */
    int strayBytes() {
        return strays.stream().mapToInt(ByteBuf::readableBytes).sum();
    }

    /** Moves strays to where they belong; whether there were any. */
    boolean pull() {
        if (strays.isEmpty() || !hasRoom()) {
            return false;
        }
        ByteBuf stray = strays.element();
        int bytes = Math.min(stray.readableBytes(), landing.buffer().writableBytes());
        landing.buffer().writeBytes(stray, bytes);
        sizeNextBatch(bytes);
        if (!stray.isReadable()) {
            strays.remove().release();
        }
        return true;
    }

    /**
     * Sees to it that the next bytes can land and that the batch can hold so many bytes in a row from its reader index
     * on. If not, it has asked for memory, and the connection is told when there may be some.
     */
    boolean room(int bytes) {
        if (!batch.buffer().isReadable()) {
            dropBatch();
            return lane.floorFree() || newBatch(nextBatchBytes) || waitFor(nextBatchBytes, lane::floorFree);
        }
        ByteBuf in = batch.buffer();
        boolean fits = in.capacity() - in.readerIndex() >= bytes;
        if (fits && in.writableBytes() >= in.capacity() / 4) {
            return true;
        }
        int wanted = Math.max(nextBatchBytes, bytes);
        return compact() || newBatch(wanted) || fits || waitFor(wanted, this::compact);
    }

    /** From now on bytes land in the piece, which stays the caller's. The batch has been consumed. */
    void landIn(Lease piece) {
        dropBatch();
        landing = piece;
        nextBatchBytes = batchBytesMin;
    }

    /** From now on bytes land in a batch again. */
    void landInBatch() {
        landing = batch;
    }

    /** Gives up the batch if it has been consumed; whoever holds a slice of it goes on doing so. */
    void dropBatch() {
        if (!batch.buffer().isReadable()) {
            if (landing == batch) {
                landing = Lease.NONE;
            }
            batch.release();
            batch = Lease.NONE;
        }
    }

    void close() {
        batch.buffer().skipBytes(batch.buffer().readableBytes());
        dropBatch();
        landing = Lease.NONE;
        strays.forEach(ByteBuf::release);
        strays.clear();
    }

    private boolean hasRoom() {
        if (landing.buffer().isWritable()) {
            return true;
        }
        if (landing != batch || batch.buffer().isReadable()) {
            return false;
        }
        dropBatch();
        return newBatch(nextBatchBytes);
    }

    /** Moves what is not consumed to the front, if no payload is sliced from the batch. */
    private boolean compact() {
        if (!batch.sole()) {
            return false;
        }
        batch.buffer().discardReadBytes();
        return true;
    }

    /** Begins another batch with what is not consumed of this one, if there is memory for it. */
    private boolean newBatch(int bytes) {
        Optional<Lease> lease = lane.lease(bytes);
        if (lease.isEmpty()) {
            return false;
        }
        ByteBuf rest = batch.buffer();
        lease.get().buffer().writeBytes(rest);
        dropBatch();
        batch = lease.get();
        landing = batch;
        return true;
    }

    private boolean waitFor(int bytes, BooleanSupplier goal) {
        lane.awaitLease(bytes);
        return goal.getAsBoolean();
    }

    private void sizeNextBatch(int bytesRead) {
        if (landing != batch) {
            return;
        }
        int wanted = Integer.highestOneBit(Math.max(1, bytesRead)) * 4;
        nextBatchBytes = Math.clamp(wanted, batchBytesMin, batchBytesMax);
    }
}
