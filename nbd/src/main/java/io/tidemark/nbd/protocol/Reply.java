package io.tidemark.nbd.protocol;

import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Run;
import java.util.List;

/** A reply to a request, or a chunk of one (proto.md, "Structured reply types"). */
public sealed interface Reply {
    /** The request is done; the end of its reply. */
    record Success() implements Reply {}

    /** The request has failed; the end of its reply. */
    record Failure(NbdError error) implements Reply {}

    /** The request has failed at this offset; the end of its reply. */
    record FailureAt(NbdError error, Offset offset) implements Reply {}

    /**
     * The head of what was read: as many bytes as it says follow it.
     *
     * @param last whether the reply ends with these bytes
     */
    record Data(Offset offset, Length length, boolean last) implements Reply {}

    /** What is known of the extent asked about; the end of its reply. */
    record Status(List<Run> runs) implements Reply {}
}
