package io.tidemark.nbd;

import java.nio.ByteBuffer;

/**
 * One connection's use of an export: each method is one command of proto.md, "Request types".
 *
 * <p><b>Thread.</b> All methods are called by the connection's event loop, one at a time, in the order in which the
 * requests were received, and must not block. Where {@link Export#home()} named that loop, this is the order over all
 * connections of the export.
 *
 * <p><b>Answers.</b> A call returns at once; what became of it is told to its completion, exactly once, from any
 * thread, during the call or after it, in any order. A call that throws counts as failed with an I/O error and must
 * have kept nothing of what it was given.
 *
 * <p><b>Limits.</b> The server has checked each request against {@link Export#info()}: extents are not empty, lie
 * within the size, are aligned to the minimum block size, and nothing is written to a read-only export.
 *
 * <p><b>Durability.</b> {@code Done} means ordered, not durable, unless the method says otherwise. What was answered
 * before a flush was received, on any session of the export, is on stable storage when that flush is {@code Done}.
 * After a crash of the client or of the server, a write that was not answered may have happened in part.
 */
public interface Session {
    /**
     * Fills a buffer with the bytes at an offset ({@code NBD_CMD_READ}).
     *
     * <p>The buffer is lent until the completion is called; when it says {@code Done}, all bytes from the buffer's
     * position to its limit have been put, and its position has reached the limit. A long read comes as several calls
     * with consecutive offsets.
     */
    void read(Offset offset, ByteBuffer into, Completion completion);

    /**
     * Takes one piece of a write ({@code NBD_CMD_WRITE}).
     *
     * <p>The payload belongs to the callee from the call on, even if the piece fails: it calls
     * {@link Payload#release()} once, from any thread, during the call or long after, before or after completing. As
     * long as it holds payloads, less memory is left to receive more, and in the end the client is slowed down: this
     * is how a full journal pushes back.
     */
    void takeWrite(WritePiece piece, Payload payload, Completion completion);

    /**
     * Makes an extent read as zeroes ({@code NBD_CMD_WRITE_ZEROES}); the extent may be as long as the export.
     *
     * <p>Fails with {@link NbdError#NOT_SUPPORTED} at once, and changes nothing, if it should only be done fast and
     * cannot be.
     */
    void writeZeroes(Zeroing zeroing, Completion completion);

    /**
     * Gives up the content of an extent ({@code NBD_CMD_TRIM}); with {@link Durability#DURABLE}, {@code Done} means
     * that what was changed is on stable storage.
     */
    void trim(Extent extent, Durability durability, Completion completion);

    /** Makes durable what was answered before ({@code NBD_CMD_FLUSH}). */
    void flush(Completion completion);

    /** Hints that an extent will be read soon ({@code NBD_CMD_CACHE}); {@code Done} promises nothing. */
    void cache(Extent extent, Completion completion);

    /**
     * Describes the allocation of an extent ({@code NBD_CMD_BLOCK_STATUS}, context {@code base:allocation}).
     *
     * @param runsMax the most runs that can be told to the client; more are ignored
     */
    void blockStatus(Extent extent, int runsMax, StatusCompletion completion);

    /**
     * The server is about to refuse a request that would have changed the export, for what it is or because the server
     * stops: the client is told when the completion is called, whatever the outcome. For exports whose clients may go on
     * without them, which have to know first.
     */
    default void refused(NbdError error, Completion told) {
        told.complete(Outcome.DONE);
    }

    /**
     * Ends the session; the last call, made when the connection is gone. Calls not answered by then may still be:
     * their answers reach nobody, but they have to come, since they give memory back.
     */
    void close(Ending ending);
}
