package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.tidemark.nbd.memory.Lease;
import io.tidemark.nbd.protocol.Reply;
import io.tidemark.nbd.protocol.ReplyEncoder;
import io.tidemark.nbd.protocol.Request;

/** What a connection sends: replies are gathered, and flushed once for all that happened in one turn of the loop. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Replies {
    private static final int PAD_BYTES = 4 << 10;
    /** More than any reply without runs or data needs. */
    private static final int REPLY_BYTES_MAX = 256;
    /** At most this much for a run of block status, in any form. */
    private static final int RUN_BYTES_MAX = 16;

    private static final ByteBuf ZEROES = Unpooled.unreleasableBuffer(
            Unpooled.directBuffer(64 << 10, 64 << 10).writeZero(64 << 10).asReadOnly());

    private final Channel channel;
    private final ReplyEncoder encoder;
    private ByteBuf pad = Unpooled.EMPTY_BUFFER;
    private boolean flushComes;
    private boolean closed;

    Replies(Channel channel, ReplyEncoder encoder) {
        this.channel = channel;
        this.encoder = encoder;
    }

    /** Whether the client takes what it is sent: if not, nothing should be begun that adds to it. */
    boolean writable() {
        return channel.isWritable();
    }

    /** Sends a reply that has no data. */
    void send(Request request, Reply reply) {
        if (!closed) {
            encoder.encode(request, reply, pad(bytesMax(reply)));
            flushSoon();
        }
    }

    /** Sends a reply, or a chunk of one, with its data; the lease is released when they have left. */
    void sendTaking(Request request, Reply.Data head, Lease data) {
        if (!closed) {
            encoder.encode(request, head, pad(REPLY_BYTES_MAX));
        }
        sendMoreTaking(data);
    }

    /** Sends more of the data that a head has promised; the lease is released when they have left. */
    void sendMoreTaking(Lease data) {
        if (closed) {
            data.release();
            return;
        }
        passOnPad();
        ByteBuf bytes = data.buffer();
        channel.write(bytes.setIndex(0, bytes.capacity()).retain()).addListener(left -> data.release());
        flushSoon();
    }

    /** Sends zeroes in place of data that a head has promised. */
    void sendZeroes(int bytes) {
        passOnPad();
        for (int left = bytes; left > 0; left -= ZEROES.capacity()) {
            channel.write(ZEROES.slice(0, Math.min(left, ZEROES.capacity())), channel.voidPromise());
        }
        flushSoon();
    }

    /** Netty reads: a flush follows when it has read what there is. */
    void onReading() {
        flushComes = true;
    }

    /** Passes everything on to the kernel, as far as it takes it. */
    void flush() {
        flushComes = false;
        passOnPad();
        pad.release();
        pad = Unpooled.EMPTY_BUFFER;
        channel.flush();
    }

    /** The connection is gone: what comes later is dropped. */
    void close() {
        closed = true;
        flushComes = true;
        pad.release();
        pad = Unpooled.EMPTY_BUFFER;
    }

    private void flushSoon() {
        if (!flushComes) {
            flushComes = true;
            channel.eventLoop().execute(this::flushIfDue);
        }
    }

    private void flushIfDue() {
        if (flushComes && !closed) {
            flush();
        }
    }

    private ByteBuf pad(int bytes) {
        if (pad.writableBytes() < bytes) {
            passOnPad();
            pad.release();
            pad = channel.alloc().directBuffer(Math.max(PAD_BYTES, bytes));
        }
        return pad;
    }

    /** Hands what is on the pad to the channel, which must not be overtaken by data. */
    private void passOnPad() {
        if (pad.isReadable()) {
            channel.write(pad.readRetainedSlice(pad.readableBytes()), channel.voidPromise());
        }
    }

    private static int bytesMax(Reply reply) {
        return switch (reply) {
            case Reply.Success success -> REPLY_BYTES_MAX;
            case Reply.Failure failure -> REPLY_BYTES_MAX;
            case Reply.FailureAt failure -> REPLY_BYTES_MAX;
            case Reply.Data data -> REPLY_BYTES_MAX;
            case Reply.Status status ->
                REPLY_BYTES_MAX + RUN_BYTES_MAX * status.runs().size();
        };
    }
}
