package io.tidemark.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.memory.Share;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.ClientBytes;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A connection in the transmission phase without a network: a test plays the client, on the connection's thread. */
final class Conversation implements AutoCloseable {
    private final HeaderStyle style;
    private final PayloadBudget budget;
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final RecvByteBufAllocator.ExtendedHandle handle;

    Conversation(Export export, HeaderStyle style, Limits limits, PayloadBudget budget) {
        this.style = style;
        this.budget = budget;
        ReceiveAllocator allocator = new ReceiveAllocator();
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        channel.config().setRecvByteBufAllocator(allocator);
        handle = allocator.newHandle();
        Export.Opening opening = export.open(new Client(channel.remoteAddress(), new Client.Plaintext()));
        Share share = Share.of(budget, channel.alloc(), limits, this::tellMemoryReturned)
                .orElseThrow();
        Agreement agreement = new Agreement(export.info(), style, style.chunked());
        Admission admission = new Admission(
                agreement,
                ((Export.Opened) opening).session(),
                share,
                new Turns().of(agreement.info().name()),
                new Complaints());
        channel.pipeline().addLast(new Runner(), new TransmissionHandler(channel, admission, limits));
    }

    /** Runs actions that come in. */
    private static final class Runner extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Runnable action) {
                action.run();
            } else {
                context.fireChannelRead(message);
            }
        }
    }

    private void tellMemoryReturned() {
        channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(ConnectionEvent.MEMORY_RETURNED));
    }

    EmbeddedChannel channel() {
        return channel;
    }

    PayloadBudget budget() {
        return budget;
    }

    /** Whether the server reads what the client sends. */
    boolean reads() {
        return channel.config().isAutoRead();
    }

    /** Sends a request with its payload. */
    void send(Request request, byte... payload) {
        sendBytes(ClientBytes.concat(ClientBytes.request(style, request), payload));
    }

    /** Sends bytes as they come out of TLS: in a buffer of their own. Nobody gets them if the connection is closed. */
    void sendBytes(byte... bytes) {
        run(() -> {
            if (channel.isOpen()) {
                channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(bytes));
                channel.pipeline().fireChannelReadComplete();
            }
        });
    }

    /** Sends bytes as they come from a socket: into the buffers that the server gives; how many it has read. */
    int sendBytesDirectly(byte[] bytes, int from, int to) {
        AtomicInteger at = new AtomicInteger(from);
        run(() -> {
            while (at.get() < to && reads()) {
                ByteBuf buffer = handle.allocate(channel.alloc());
                int length = Math.min(buffer.writableBytes(), to - at.get());
                buffer.writeBytes(bytes, at.getAndAdd(length), length);
                channel.pipeline().fireChannelRead(buffer);
            }
            channel.pipeline().fireChannelReadComplete();
        });
        return at.get() - from;
    }

    /**
     * Does something on the event loop, then what has been posted to it.
     *
     * <p>An embedded channel runs what has been posted within each single write, as no other channel does, unless it is
     * busy with something that has come in: so this comes in.
     */
    void run(Runnable action) {
        if (channel.isOpen()) {
            channel.writeInbound(action);
        } else {
            action.run();
            channel.runPendingTasks();
        }
    }

    /** Does what has been posted to the event loop. */
    void settle() {
        run(() -> {});
    }

    /** All that the server has sent since the last call. */
    byte[] received() {
        settle();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }

    /** All answers that the server has sent since the last call; none may carry data after a simple reply. */
    List<Answer> answers() {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(received()));
        List<Answer> answers = new ArrayList<>();
        try {
            while (in.available() > 0) {
                answers.add(Answer.read(in));
            }
        } catch (IOException incomplete) {
            throw new UncheckedIOException(incomplete);
        }
        return answers;
    }

    /** The client's end of the connection is gone. */
    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
