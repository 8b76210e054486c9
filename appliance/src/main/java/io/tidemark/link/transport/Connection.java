package io.tidemark.link.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.LinkSettings.Timeouts;
import io.tidemark.link.protocol.Encoder;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One TCP connection of a session, as its conversation and its session use it.
 *
 * <p>It begins with a deadline, which {@link #ship} lifts: from then on silence ends it. Sending and ending are for any
 * thread; the rest runs on the channel's event loop.
 */
public final class Connection implements Outlet {

    /** A request to end, for a channel whose connection the caller does not have. */
    record End(Ending ending) {}

    private sealed interface Phase {

        /** There is no connection yet. */
        record Idle() implements Phase {}

        /** Until the deadline. */
        record Handshake(Future<?> deadline) implements Phase {}

        /** Until silence. */
        record Shipping(Heartbeat heartbeat, Future<?> looking) implements Phase {}

        record Over() implements Phase {}
    }

    private final Channel channel;
    private final Conversation conversation;
    private final Timeouts timeouts;
    private final LongSupplier nanoTime;
    private Phase phase = new Phase.Idle();
    private boolean answering;

    Connection(Channel channel, Conversation conversation, Timeouts timeouts, LongSupplier nanoTime) {
        this.channel = channel;
        this.conversation = conversation;
        this.timeouts = timeouts;
        this.nanoTime = nanoTime;
    }

    /** Ends the connection on a channel, however far it has come. Any thread. */
    public static void end(Channel channel, Ending ending) {
        channel.pipeline().fireUserEventTriggered(new End(ending));
    }

    /** Where the connection's buffers come from. */
    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    public EventLoop loop() {
        return channel.eventLoop();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public long queuedBytes() {
        // Netty counts one byte more in both: it takes one more than the mark to change.
        return channel.isWritable()
                ? channel.config().getWriteBufferHighWaterMark() + 1 - channel.bytesBeforeUnwritable()
                : channel.config().getWriteBufferLowWaterMark() - 1 + channel.bytesBeforeWritable();
    }

    /** Sends a message. Any thread. */
    public void send(Message message) {
        takeFrame(Encoder.encode(message, channel.alloc()));
    }

    @Override
    public void takeFrame(ByteBuf frame) {
        channel.writeAndFlush(frame).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    /**
     * Ends the connection; the first ending counts. One that the peer should know of is told as the last message, which is
     * given time to arrive; any other closes at once. Any thread.
     */
    public void end(Ending ending) {
        if (loop().inEventLoop()) {
            finish(ending);
        } else {
            end(channel, ending);
        }
    }

    /**
     * The handshake is over. On the loop.
     *
     * @param measures asks for the round trip again and again
     */
    public void ship(boolean measures) {
        if (phase instanceof Phase.Handshake handshake) {
            handshake.deadline().cancel(false);
            Heartbeat heartbeat = new Heartbeat(timeouts, measures, nanoTime.getAsLong());
            long every = timeouts.lookEvery().toNanos();
            Runnable look = () -> look(heartbeat);
            phase = new Phase.Shipping(heartbeat, loop().scheduleAtFixedRate(look, every, every, TimeUnit.NANOSECONDS));
        }
    }

    boolean isOver() {
        return phase instanceof Phase.Over;
    }

    void onActive() {
        if (phase instanceof Phase.Idle) {
            Duration patience = timeouts.handshake();
            Ending late = new Ending.Lost("the handshake was not over within " + patience.toMillis() + " ms");
            phase = new Phase.Handshake(after(patience, () -> finish(late)));
        }
    }

    void onHeard() {
        if (phase instanceof Phase.Shipping shipping) {
            shipping.heartbeat().onHeard(nanoTime.getAsLong());
        }
    }

    void onDrained() {
        if (phase instanceof Phase.Shipping shipping) {
            shipping.heartbeat().onDrained(nanoTime.getAsLong());
        }
    }

    void onSign(Message.Sign sign) {
        switch (sign) {
            case Message.Ping ping -> answer(ping);
            case Message.Pong pong ->
                conversation.onRoundTrip(heartbeat("PONG").onPong(pong.token(), nanoTime.getAsLong()));
            case Message.Bye bye -> end(new Ending.PeerClosed());
            case Message.Failure failure -> end(new Ending.PeerRefused(failure.code(), failure.text()));
        }
    }

    private void answer(Message.Ping ping) {
        heartbeat("PING");
        if (answering) {
            throw new ProtocolViolation("PING before the answer to the one before");
        }
        answering = true;
        channel.writeAndFlush(Encoder.encode(new Message.Pong(ping.token()), channel.alloc()))
                .addListener(written -> answering = false);
    }

    private Heartbeat heartbeat(String what) {
        if (phase instanceof Phase.Shipping shipping) {
            return shipping.heartbeat();
        }
        throw new ProtocolViolation(what + " in the handshake");
    }

    private void look(Heartbeat heartbeat) {
        switch (heartbeat.look(nanoTime.getAsLong())) {
            case REST -> {}
            case PING -> send(new Message.Ping(heartbeat.token()));
            case GIVE_UP ->
                end(new Ending.Lost("silent for " + timeouts.endAfter().toMillis() + " ms"));
        }
    }

    private void finish(Ending ending) {
        Phase before = phase;
        phase = new Phase.Over();
        switch (before) {
            case Phase.Over over -> {
                return;
            }
            case Phase.Idle idle -> {}
            case Phase.Handshake handshake -> handshake.deadline().cancel(false);
            case Phase.Shipping shipping -> shipping.looking().cancel(false);
        }
        farewell(ending).filter(last -> channel.isActive()).ifPresentOrElse(this::closeAfter, this::closeNow);
        conversation.onEnded(ending);
    }

    private static Optional<Message.Sign> farewell(Ending ending) {
        return switch (ending) {
            case Ending.Closed closed -> Optional.of(new Message.Bye());
            case Ending.KeysSpent spent -> Optional.of(new Message.Bye());
            case Ending.Refused refused -> Optional.of(new Message.Failure(refused.code(), refused.message()));
            case Ending.Superseded superseded ->
                Optional.of(new Message.Failure(ErrorCode.BUSY, "a newer session of this journal has begun"));
            case Ending.PeerClosed closed -> Optional.empty();
            case Ending.PeerRefused refused -> Optional.empty();
            case Ending.Lost lost -> Optional.empty();
        };
    }

    private void closeAfter(Message.Sign last) {
        Future<?> patience = after(timeouts.linger(), this::closeNow);
        channel.closeFuture().addListener(closed -> patience.cancel(false));
        channel.writeAndFlush(Encoder.encode(last, channel.alloc())).addListener(written -> {
            if (written.isSuccess() && channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            } else {
                closeNow();
            }
        });
    }

    /** Closes in front of TLS, which would wait for what is queued. */
    private void closeNow() {
        var _ = channel.pipeline().context(WireHandler.class).close();
    }

    private Future<?> after(Duration delay, Runnable then) {
        return loop().schedule(then, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
