package io.tidemark.nbd.handshake;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.handshake.Entrance.Admitted;
import io.tidemark.nbd.handshake.Entrance.Entry;
import io.tidemark.nbd.handshake.Entrance.TurnedAway;
import io.tidemark.nbd.protocol.ClientFlags;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.OptionDecoder;
import io.tidemark.nbd.protocol.OptionReply;
import io.tidemark.nbd.protocol.OptionReplyEncoder;
import io.tidemark.nbd.protocol.ProtocolViolation;
import io.tidemark.nbd.transmission.Admission;
import io.tidemark.nbd.transmission.Agreement;
import io.tidemark.nbd.transmission.ConnectionEvent;
import io.tidemark.nbd.transmission.ReceiveAllocator;
import io.tidemark.nbd.transmission.TransmissionHandler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads a channel through the handshake, within its deadline, and hands it over to a {@link TransmissionHandler}.
 *
 * <pre>
 *   Greeted  --flags--> Talking
 *   Talking  --any option--> Talking
 *   Talking  --an oversized option--> Skipping --the end of it--> Talking
 *   Talking  --NBD_OPT_EXPORT_NAME, NBD_OPT_GO--> Entering
 *   Entering --refused--> Talking
 *   Entering --opened--> the transmission phase
 *   any      --abort, violation, deadline--> Over
 * </pre>
 *
 * <p>A client has to await the answer to its last option. What it sends ahead of that of {@code NBD_OPT_STARTTLS} is
 * not taken, or plaintext of somebody in the middle would be taken for what was said under TLS.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
public final class HandshakeHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);

    private final Terms terms;
    private final ReceiveAllocator allocator;
    private final Haggling haggling;
    private final OptionDecoder decoder;
    private final ByteBuf received;
    private Runnable whenOver;
    private State state = new Greeted();
    private Client client;
    private Runnable cancelDeadline = () -> {};
    private boolean stopping;

    private sealed interface State {}

    private record Greeted() implements State {}

    private record Talking(Negotiation soFar) implements State {}

    private record Skipping(Negotiation soFar, long bytes) implements State {}

    private record Entering() implements State {}

    private record Over() implements State {}

    /**
     * A handler for one channel.
     *
     * @param allocator the channel's own, which has to know when TLS begins
     */
    public HandshakeHandler(Channel channel, Terms terms, ReceiveAllocator allocator) {
        this(channel, terms, allocator, () -> {});
    }

    /** @param whenOver is run once, when the handshake has ended, well or not; ahead of the answer that lets the client in */
    public HandshakeHandler(Channel channel, Terms terms, ReceiveAllocator allocator, Runnable whenOver) {
        this.whenOver = whenOver;
        this.terms = terms;
        this.allocator = allocator;
        this.haggling = new Haggling(terms.exports(), terms.tls(), terms.listing());
        this.decoder = new OptionDecoder(
                terms.limits().optionBytesMax(), terms.limits().nameBytesMax());
        this.received = channel.alloc().buffer();
        this.client = new Client(channel.remoteAddress(), new Client.Plaintext());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf greeting = context.alloc().buffer();
        OptionReplyEncoder.greeting(greeting);
        context.writeAndFlush(greeting);
        long millis = terms.limits().handshakeDeadline().toMillis();
        var deadline = context.executor().schedule(() -> context.close(), millis, TimeUnit.MILLISECONDS);
        cancelDeadline = () -> deadline.cancel(false);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        cancelDeadline.run();
        received.release();
        end();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        received.writeBytes(bytes);
        bytes.release();
        boolean wentOn = true;
        while (wentOn && received.isReadable()) {
            wentOn = advance(context);
        }
        if (received.refCnt() > 0) {
            received.discardReadBytes();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == ConnectionEvent.SERVER_STOPS) {
            stopping = true;
        } else if (event instanceof SslHandshakeCompletionEvent completion && completion.isSuccess()) {
            client = new Client(client.address(), Tls.identity(context.channel()));
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException || cause instanceof ProtocolViolation) {
            hangUp(context, String.valueOf(cause.getMessage()));
        } else {
            LOG.error("{}: closed in the handshake because of a fault", context.channel(), cause);
            context.close();
        }
    }

    /** Takes the next step that what was received allows; whether there was one. */
    private boolean advance(ChannelHandlerContext context) {
        return switch (state) {
            case Greeted greeted -> {
                Optional<ClientFlags> flags = ClientFlags.decode(received);
                flags.ifPresent(known -> state = new Talking(Negotiation.begin(known)));
                yield flags.isPresent();
            }
            case Talking talking -> {
                Optional<Option> option = decoder.decode(received);
                option.ifPresent(known -> onOption(context, talking, known));
                yield option.isPresent();
            }
            case Skipping skipping -> {
                int bytes = (int) Math.min(skipping.bytes(), received.readableBytes());
                received.skipBytes(bytes);
                long left = skipping.bytes() - bytes;
                state = left > 0 ? new Skipping(skipping.soFar(), left) : new Talking(skipping.soFar());
                yield true;
            }
            case Entering entering -> {
                hangUp(context, "bytes ahead of the answer to the last option");
                yield false;
            }
            case Over over -> {
                received.clear();
                yield false;
            }
        };
    }

    private void onOption(ChannelHandlerContext context, Talking talking, Option option) {
        Negotiation soFar = talking.soFar();
        Decision decision =
                stopping ? Haggling.decideWhileStopping(soFar, option) : haggling.decide(soFar, option, client);
        switch (decision) {
            case Decision.Answer answer -> {
                state = new Talking(answer.then());
                send(context, option, answer.replies());
                if (option instanceof Option.Oversized oversized) {
                    skip(context, answer.then(), oversized.dataBytes());
                }
            }
            case Decision.Enter enter -> enter(context, enter, soFar);
            case Decision.StartTls startTls -> {
                state = new Talking(soFar.underTls());
                startTls(context, option);
            }
            case Decision.Leave leave -> {
                state = new Over();
                send(context, option, List.of(new OptionReply.Ack())).addListener(ChannelFutureListener.CLOSE);
            }
            case Decision.HangUp hangUp -> hangUp(context, hangUp.why());
        }
    }

    private void skip(ChannelHandlerContext context, Negotiation soFar, long bytes) {
        if (bytes > terms.limits().drainBytesMax()) {
            hangUp(context, "an option with " + bytes + " bytes of data");
        } else {
            state = new Skipping(soFar, bytes);
        }
    }

    private void startTls(ChannelHandlerContext context, Option option) {
        if (received.isReadable()) {
            hangUp(context, "bytes ahead of TLS");
            return;
        }
        send(context, option, List.of(new OptionReply.Ack()));
        allocator.landEncrypted();
        Tls.start(context.channel(), terms.tls());
    }

    private void enter(ChannelHandlerContext context, Decision.Enter enter, Negotiation agreed) {
        if (received.isReadable()) {
            hangUp(context, "bytes ahead of the answer to the last option");
            return;
        }
        state = new Entering();
        context.channel().config().setAutoRead(false);
        Agreement agreement = new Agreement(
                enter.export().info(), agreed.style(), agreed.contexts().cover(enter.name()));
        new Entrance(context.channel(), terms)
                .enter(enter.export(), agreement, client, entry -> onEntry(context, enter.option(), agreed, entry));
    }

    private void onEntry(ChannelHandlerContext context, Option option, Negotiation agreed, Entry entry) {
        switch (entry) {
            case Admitted admitted -> beginTransmission(context, option, agreed, admitted.admission());
            case TurnedAway away
            when option instanceof Option.UseExport ->
                hangUp(context, away.refusal().message());
            case TurnedAway away -> {
                state = new Talking(agreed);
                send(context, option, List.of(Haggling.refused(away.refusal())));
                context.channel().config().setAutoRead(true);
            }
        }
    }

    private void beginTransmission(
            ChannelHandlerContext context, Option option, Negotiation agreed, Admission admission) {
        end(); // a client that has the answer may have the next one come at once
        ExportInfo info = admission.agreement().info();
        if (option instanceof Option.Go go) {
            send(context, option, Haggling.welcome(info, agreed.style(), go.wanted()));
        } else {
            ByteBuf reply = context.alloc().buffer();
            OptionReplyEncoder.exportName(Haggling.export(info, agreed.style()), agreed.flags(), reply);
            context.writeAndFlush(reply);
        }
        ChannelPipeline pipeline = context.pipeline();
        pipeline.replace(this, "transmission", new TransmissionHandler(context.channel(), admission, terms.limits()));
        if (stopping) {
            pipeline.fireUserEventTriggered(ConnectionEvent.SERVER_STOPS);
        }
    }

    private static ChannelFuture send(ChannelHandlerContext context, Option option, List<OptionReply> replies) {
        ByteBuf out = context.alloc().buffer();
        replies.forEach(reply -> OptionReplyEncoder.reply(option.type(), reply, out));
        return context.writeAndFlush(out);
    }

    private void end() {
        Runnable once = whenOver;
        whenOver = () -> {};
        once.run();
    }

    private void hangUp(ChannelHandlerContext context, String why) {
        LOG.debug("client {}: handshake ended: {}", client.address(), why);
        state = new Over();
        context.close();
    }
}
