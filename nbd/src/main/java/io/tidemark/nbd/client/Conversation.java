package io.tidemark.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.protocol.RequestEncoder;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** The transmission phase of a client's connection: requests go out as they are asked for. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Conversation implements RemoteExport {
    private final Channel channel;
    private final Destination destination;
    private final RemoteInfo info;
    private final Calls calls;
    private final AtomicLong cookies = new AtomicLong();

    Conversation(Channel channel, Destination destination, RemoteInfo info, Calls calls) {
        this.channel = channel;
        this.destination = destination;
        this.info = info;
        this.calls = calls;
    }

    @Override
    public RemoteInfo info() {
        return info;
    }

    @Override
    public void read(Offset at, ByteBuffer into, Result.Listener listener) {
        checkPayload(into);
        send(Constants.CMD_READ, at.bytes(), into.remaining(), request -> new Call.Read(request, into, listener));
    }

    @Override
    public void write(Offset at, ByteBuffer data, Result.Listener listener) {
        need(Feature.WRITE);
        checkPayload(data);
        Call call =
                call(Constants.CMD_WRITE, at.bytes(), data.remaining(), request -> new Call.Change(request, listener));
        send(call, channel.alloc().directBuffer(data.remaining()).writeBytes(data.duplicate()));
    }

    @Override
    public void zero(Extent extent, Result.Listener listener) {
        need(Feature.WRITE_ZEROES);
        change(Constants.CMD_WRITE_ZEROES, extent, listener);
    }

    @Override
    public void trim(Extent extent, Result.Listener listener) {
        need(Feature.TRIM);
        change(Constants.CMD_TRIM, extent, listener);
    }

    private void change(int type, Extent extent, Result.Listener listener) {
        send(type, extent.start().bytes(), extent.length().bytes(), request -> new Call.Change(request, listener));
    }

    @Override
    public void flush(Result.Listener listener) {
        need(Feature.FLUSH);
        send(Constants.CMD_FLUSH, 0, 0, request -> new Call.Change(request, listener));
    }

    @Override
    public void blockStatus(Extent extent, StatusListener listener) {
        need(Feature.BLOCK_STATUS);
        send(
                Constants.CMD_BLOCK_STATUS,
                extent.start().bytes(),
                extent.length().bytes(),
                request -> new Call.Status(request, listener));
    }

    @Override
    public void onEnd(EndListener listener) {
        channel.eventLoop().execute(() -> calls.onEnd(listener));
    }

    @Override
    public void close() {
        channel.eventLoop().execute(() -> {
            calls.end("closed");
            ByteBuf goodbye = channel.alloc().directBuffer();
            RequestEncoder.encode(new Request(Constants.CMD_DISC, 0, 0, 0, 0, 0), goodbye);
            channel.writeAndFlush(goodbye).addListener(ChannelFutureListener.CLOSE);
        });
    }

    private void need(Feature feature) {
        if (!info.has(feature)) {
            throw new UnsupportedOperationException(destination + " does not offer " + feature);
        }
    }

    private void checkPayload(ByteBuffer payload) {
        int max = info.blocks().payloadBytesMax();
        if (payload.remaining() > max) {
            throw new IllegalArgumentException(destination + ": a payload of " + payload.remaining() + " > " + max);
        }
    }

    private void send(int type, long offset, long bytes, Function<Request, Call> make) {
        send(call(type, offset, bytes, make), Unpooled.EMPTY_BUFFER);
    }

    private Call call(int type, long offset, long bytes, Function<Request, Call> make) {
        if (offset > info.size().bytes() - bytes) {
            throw new IllegalArgumentException(destination + ": " + bytes + " at " + offset + " of "
                    + info.size().bytes());
        }
        calls.claim();
        return make.apply(new Request(type, 0, cookies.incrementAndGet(), offset, bytes, 0));
    }

    private void send(Call call, ByteBuf payload) {
        if (channel.eventLoop().inEventLoop()) {
            sendNow(call, payload);
        } else {
            channel.eventLoop().execute(() -> sendNow(call, payload));
        }
    }

    private void sendNow(Call call, ByteBuf payload) {
        if (!calls.begin(call)) {
            payload.release();
            return;
        }
        ByteBuf head = channel.alloc().directBuffer();
        RequestEncoder.encode(call.request(), head);
        channel.write(head);
        channel.writeAndFlush(payload);
    }
}
