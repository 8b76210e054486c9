package io.tidemark.journal.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Appends documents to one new segment. Used by one thread at a time: first by whoever prepares it, then by the journal's
 * owner; {@link #force} by any thread beside it.
 */
public interface SegmentWriter extends AutoCloseable {

    /**
     * Appends one document of the two buffers' bytes, one behind the other, and returns the position of its first byte in the
     * cycle file. Complete and visible on return; durable after the next {@link #force}. After a crash in the middle it
     * is incomplete, and found to be so.
     */
    long append(ByteBuffer head, ByteBuffer body);

    /** Where the header of the next document will be. */
    long end();

    /** Whether a document of this many bytes, its frame included, still fits. */
    boolean hasRoom(long bytes);

    /** All documents whose append has returned are on stable storage when this returns. */
    void force() throws IOException;

    /** Unmaps and closes the file. Not durable by itself. */
    @Override
    void close() throws IOException;

    /** Makes the files of new segments. */
    interface Factory {

        /**
         * Creates a segment that is ready for appends: its header is written, all its room is allocated and durable, its
         * folder's entries too (but not the folder's own entry). After a crash in the middle it holds no record.
         *
         * @param capacity bytes that its documents may take
         * @param spare a file of an earlier segment that nobody maps; it is overwritten and becomes the new one's
         */
        SegmentWriter create(SegmentFolder folder, SegmentHeader header, long capacity, Optional<Path> spare)
                throws IOException;

        /** Bytes on disk that a new segment of this capacity will take. */
        long bytesOnDisk(long capacity);

        /** The largest document that a segment of this capacity can take. */
        int documentBytesMax(long capacity);
    }
}
