package io.tidemark.nbd.client;

import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Run;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One connection to an export of another server. Requests are answered in any order; none of the methods waits.
 *
 * <p>A caller keeps to {@link ClientLimits#requestsInFlightMax}, to the export's size and block sizes and to what the
 * server offers; a call beyond them is a fault of the caller and throws. Thread: any.
 */
public interface RemoteExport {
    /** What the server has said about the export. */
    RemoteInfo info();

    /**
     * Reads into the whole of what remains of a buffer, which must be left alone until the result is told.
     *
     * <p>After {@link Result.Done} the buffer is full and flipped to what was read.
     */
    void read(Offset at, ByteBuffer into, Result.Listener listener);

    /** Writes what remains of a buffer, which has been copied when this returns. Done is not durable: see flush. */
    void write(Offset at, ByteBuffer data, Result.Listener listener);

    /** Zeroes; the server may make a hole of it. Done is not durable. */
    void zero(Extent extent, Result.Listener listener);

    /** Gives space back; what is read there afterwards is anything. Done is not durable. */
    void trim(Extent extent, Result.Listener listener);

    /**
     * Makes durable what was done before: when {@link Result.Done} is told, each change of this connection whose result
     * was told before the call, and of others if the server offers {@code MULTI_CONN}, survives the server's power cut.
     */
    void flush(Result.Listener listener);

    /** Asks what is allocated; needs {@code BLOCK_STATUS}. The runs begin at the extent and may cover less of it. */
    void blockStatus(Extent extent, StatusListener listener);

    /** Completes when the connection has ended, with the reason, on its event loop. */
    void onEnd(EndListener listener);

    /** Says goodbye and closes; requests in flight become {@link Result.Unknown}. A second call changes nothing. */
    void close();

    /** Where an answer about allocation is told, once. */
    interface StatusListener {
        void onRuns(List<Run> runs);

        void onFailure(Result failure);
    }

    /** Where the end of a connection is told, once. */
    @FunctionalInterface
    interface EndListener {
        void onEnd(String why);
    }
}
