package io.tidemark.nbd.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import java.util.List;

/** Writes the server's side of the transmission phase, in the form agreed in the handshake. */
public final class ReplyEncoder {
    private static final int ERROR_BYTES = 4 + 2;
    private static final int OFFSET_BYTES = 8;

    private final HeaderStyle style;

    public ReplyEncoder(HeaderStyle style) {
        this.style = style;
    }

    /** Writes a reply; of a {@link Reply.Data} only the head. */
    public void encode(Request request, Reply reply, ByteBuf out) {
        switch (style) {
            case SIMPLE -> simple(request, reply, out);
            case STRUCTURED -> {
                // A reply without content may be a simple one, which is shorter, except to a read.
                if (reply instanceof Reply.Success && request.type() != Constants.CMD_READ) {
                    simple(request, reply, out);
                } else {
                    chunk(request, reply, out);
                }
            }
            case EXTENDED -> chunk(request, reply, out);
        }
    }

    private static void simple(Request request, Reply reply, ByteBuf out) {
        int error =
                switch (reply) {
                    case Reply.Success success -> 0;
                    case Reply.Data data -> 0;
                    case Reply.Failure failure -> failure.error().number();
                    case Reply.FailureAt failure -> failure.error().number();
                    case Reply.Status status -> throw new IllegalStateException("block status in a simple reply");
                };
        out.writeInt(Constants.SIMPLE_REPLY_MAGIC).writeInt(error).writeLong(request.cookie());
    }

    private void chunk(Request request, Reply reply, ByteBuf out) {
        switch (reply) {
            case Reply.Success success -> head(request, true, Constants.REPLY_TYPE_NONE, 0, out);
            case Reply.Data data -> {
                long bytes = OFFSET_BYTES + data.length().bytes();
                head(request, data.last(), Constants.REPLY_TYPE_OFFSET_DATA, bytes, out);
                out.writeLong(data.offset().bytes());
            }
            case Reply.Failure failure -> error(request, failure.error(), out);
            case Reply.FailureAt failure -> errorAt(request, failure.error(), failure.offset(), out);
            case Reply.Status status -> status(request, status.runs(), out);
        }
    }

    private void error(Request request, NbdError error, ByteBuf out) {
        int textBytes = ByteBufUtil.utf8Bytes(error.text());
        head(request, true, Constants.REPLY_TYPE_ERROR, ERROR_BYTES + textBytes, out);
        out.writeInt(error.number()).writeShort(textBytes);
        ByteBufUtil.writeUtf8(out, error.text());
    }

    private void errorAt(Request request, NbdError error, Offset offset, ByteBuf out) {
        int textBytes = ByteBufUtil.utf8Bytes(error.text());
        head(request, true, Constants.REPLY_TYPE_ERROR_OFFSET, ERROR_BYTES + textBytes + OFFSET_BYTES, out);
        out.writeInt(error.number()).writeShort(textBytes);
        ByteBufUtil.writeUtf8(out, error.text());
        out.writeLong(offset.bytes());
    }

    private void status(Request request, List<Run> runs, ByteBuf out) {
        if (style == HeaderStyle.EXTENDED) {
            head(request, true, Constants.REPLY_TYPE_BLOCK_STATUS_EXT, 8 + 16L * runs.size(), out);
            out.writeInt(Constants.BASE_ALLOCATION_ID).writeInt(runs.size());
            runs.forEach(run -> out.writeLong(run.length().bytes()).writeLong(state(run.allocation())));
        } else {
            head(request, true, Constants.REPLY_TYPE_BLOCK_STATUS, 4 + 8L * runs.size(), out);
            out.writeInt(Constants.BASE_ALLOCATION_ID);
            runs.forEach(run -> out.writeInt(unsigned32(run.length().bytes())).writeInt(state(run.allocation())));
        }
    }

    private static int unsigned32(long value) {
        if (value >>> Integer.SIZE != 0) {
            throw new IllegalArgumentException(value + " does not fit in 32 bits");
        }
        return (int) value;
    }

    private static int state(Allocation allocation) {
        return switch (allocation) {
            case DATA -> 0;
            case ZERO -> Constants.STATE_ZERO;
            case HOLE -> Constants.STATE_HOLE | Constants.STATE_ZERO;
        };
    }

    private void head(Request request, boolean done, int type, long payloadBytes, ByteBuf out) {
        boolean extended = style == HeaderStyle.EXTENDED;
        out.writeInt(extended ? Constants.EXTENDED_REPLY_MAGIC : Constants.STRUCTURED_REPLY_MAGIC)
                .writeShort(done ? Constants.REPLY_FLAG_DONE : 0)
                .writeShort(type)
                .writeLong(request.cookie());
        if (extended) {
            out.writeLong(request.offset()).writeLong(payloadBytes);
        } else {
            out.writeInt((int) payloadBytes);
        }
    }
}
