package io.tidemark.link;

import io.tidemark.term.Claim;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A session, seen by the side that ships. All of it belongs to the owner it was dialled with.
 *
 * <p>Nothing here blocks. A break of any connection ends the session; there is no way back but to dial again.
 */
public interface Uplink {

    SessionId session();

    /** The version of the protocol that both sides speak in it, once the session is open: a {@link io.tidemark.journal.Fault} before. */
    int version();

    /**
     * Whether a range of so many bytes, uncompressed, may go now: credit covers it and a connection takes more. If not,
     * {@link UplinkListener#onWritable} follows once it may.
     */
    boolean admits(int bytes);

    /**
     * Sends a range that begins behind the one before, within the credit: a {@link io.tidemark.journal.Fault} otherwise.
     * Its lease is closed, on any thread, when its bytes were written or never will be: also when the session is over,
     * or the range was not right.
     */
    void takeRange(OutgoingRange range);

    /** Tells the receiver of terms, once the session is open: a {@link io.tidemark.journal.Fault} before. */
    void tell(List<Claim> claims);

    /** Whether the receiver can be asked what it has: both sides speak a version that knows how, and the session is open. */
    boolean compares();

    /**
     * Asks the receiver which blocks are the same there. Completes on the owner with a bit for each that is; with nothing if the session cannot be
     * asked, has as many questions as it may, or ends before it is answered.
     */
    CompletableFuture<Optional<BitSet>> compare(Comparison comparison);

    Counters counters();

    /**
     * What a session has done.
     *
     * @param bytes of records, uncompressed
     * @param wireBytes of frames, before TLS
     * @param unacknowledgedBytes of the credit in use
     * @param queuedBytes waiting in front of the sockets, before or after TLS
     */
    record Counters(long ranges, long bytes, long wireBytes, long unacknowledgedBytes, long queuedBytes) {}

    /**
     * Ends the session in good order. What is not acknowledged by now may be lost on the way, and is shipped again by the
     * next session.
     */
    void close();
}
