package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Zeroing;
import io.tidemark.nbd.protocol.Request;

/** A request that has been judged: what is to be done about it. */
sealed interface Command {
    Request request();

    record Disconnect(Request request) implements Command {}

    record Flush(Request request) implements Command {}

    /** To be answered with an error, once its payload has been read and dropped. */
    record Refused(Request request, NbdError error) implements Command {}

    record Cache(Request request, Extent extent) implements Command {}

    /**
     * A read.
     *
     * @param whole whether the reply must be one chunk at most ({@code NBD_CMD_FLAG_DF})
     */
    record Read(Request request, Extent extent, boolean whole) implements Command {}

    record Write(Request request, Extent extent, Durability durability) implements Command {}

    record Trim(Request request, Extent extent, Durability durability) implements Command {}

    record WriteZeroes(Request request, Zeroing zeroing) implements Command {}

    /**
     * A question for block status.
     *
     * @param one whether the reply must be one run ({@code NBD_CMD_FLAG_REQ_ONE})
     */
    record BlockStatus(Request request, Extent extent, boolean one) implements Command {}
}
