package io.tidemark.volume;

import io.tidemark.journal.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/**
 * The bytes of one disk as of some sequence of its journal.
 *
 * <p>Reads come from any thread, and so does {@link #growTo}; changes from the applier of its journal only, which never overlap. Extents lie within the size.
 */
public interface Volume extends AutoCloseable {

    long sizeBytes();

    /**
     * Has at least this size on return, durably. What was added reads as zeroes. Whoever reads or writes meanwhile is not disturbed. A failure leaves it
     * as it was, or larger.
     */
    void growTo(long sizeBytes) throws IOException;

    /** Fills the buffer with the bytes from {@code offset} on. Bytes never written are zeroes. */
    void read(long offset, ByteBuffer into) throws IOException;

    /** Writes the buffer's bytes. Visible to reads on return, durable after the next {@link #force}. */
    void write(long offset, ByteBuffer from) throws IOException;

    /**
     * The extent reads as zeroes on return, durably so after the next {@link #force}.
     *
     * @param keepAllocated whether its room should stay its own; else it is given back where the file system can
     */
    void zero(Extent extent, boolean keepAllocated) throws IOException;

    /** All changes whose calls have returned are on stable storage when this returns. A failure is final: never retried. */
    void force() throws IOException;

    /** Takes the extent apart into what is allocated (true) and holes, which read as zeroes (false), in order. */
    void allocation(Extent extent, BiConsumer<Extent, Boolean> visitor) throws IOException;

    /** Bytes it takes on disk. */
    long allocatedBytes() throws IOException;

    @Override
    void close() throws IOException;
}
