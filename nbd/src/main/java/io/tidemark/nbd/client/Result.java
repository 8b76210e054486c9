package io.tidemark.nbd.client;

/** What became of a request. */
public sealed interface Result {
    /** The one success there is. */
    Result DONE = new Done();

    /** It happened. */
    record Done() implements Result {}

    /**
     * The server refused it or failed at it; a change may have happened in part.
     *
     * @param error the number of proto.md, "Error values"
     */
    record Failed(int error) implements Result {}

    /** The connection ended before the answer: a change may have happened, or not, or in part. */
    record Unknown(String why) implements Result {}

    /** Where a result is told: once, on the connection's event loop. */
    @FunctionalInterface
    interface Listener {
        void onResult(Result result);
    }
}
