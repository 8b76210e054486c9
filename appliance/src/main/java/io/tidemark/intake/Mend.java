package io.tidemark.intake;

import io.tidemark.journal.Extent;
import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A disk that is being copied from its source by us, not by the source: what differs is laid over it, except where the source has written since the
 * copy began. Any thread.
 */
public interface Mend {

    /** What became of bytes that were to be laid over the disk. */
    sealed interface Outcome {

        /** So many of them are in the journal; the source has changed the others since. */
        record Laid(long bytes) implements Outcome {}

        /** Nothing can be laid over the disk any more, for this reason. What was stays: it is right, whatever becomes of the rest. */
        record Ended(String reason) implements Outcome {}
    }

    StreamId stream();

    /** Of the disk when this began. */
    long sizeBytes();

    /** Fills the buffer with the bytes of our volume, which are as many as it has room for. Waits. */
    void read(Extent extent, ByteBuffer into) throws IOException;

    /**
     * Lays bytes of the source's disk over ours, as it was at some moment since the copy began. Waits for room, behind the clients.
     *
     * @param bytes as many as the extent, which is in whole sectors; to be left alone until the outcome is told
     */
    CompletableFuture<Outcome> lay(Extent extent, ByteBuffer bytes);

    /** All of the source's disk has been compared: the copy is complete, if nothing has come between. */
    CompletableFuture<Registration> complete();

    /** Nothing is laid any more. What waits for room ends. */
    void cancel();
}
