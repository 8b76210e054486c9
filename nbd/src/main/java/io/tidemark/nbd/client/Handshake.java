package io.tidemark.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.protocol.ClientFlags;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.OptionEncoder;
import io.tidemark.nbd.protocol.OptionReply;
import io.tidemark.nbd.protocol.OptionReplyDecoder;
import io.tidemark.nbd.protocol.OptionReplyDecoder.Answer;
import io.tidemark.nbd.protocol.OptionReplyDecoder.Greeting;
import io.tidemark.nbd.protocol.ProtocolViolation;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Leads a channel through the handshake and hands it over to a {@link Conversation}. One option is asked at a time.
 *
 * <pre>
 *   GREETED    --greeting-->  STARTTLS, if wanted, else STRUCTURED
 *   STARTTLS   --accepted, TLS complete-->  STRUCTURED
 *   STRUCTURED --accepted--> CONTEXTS, --refused--> GO
 *   CONTEXTS   --any answer--> GO
 *   GO         --accepted--> the conversation
 *   any        --refusal, violation, end of the channel--> OVER
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Handshake extends ByteToMessageDecoder {
    private final Destination destination;
    private final ClientLimits limits;
    private final Optional<SslHandler> tls;
    private final CompletableFuture<RemoteExport> entered;
    private final Set<Feature> features = EnumSet.noneOf(Feature.class);
    private Length size = Length.ZERO;
    private BlockSizes blocks = BlockSizes.STANDARD;
    private State state = State.GREETED;

    private enum State {
        GREETED,
        STARTTLS,
        STRUCTURED,
        CONTEXTS,
        GO,
        OVER
    }

    /** A handshake that uses the TLS handler, if there is one, and completes the future in either way. */
    Handshake(
            Destination destination,
            ClientLimits limits,
            Optional<SslHandler> tls,
            CompletableFuture<RemoteExport> entered) {
        this.destination = destination;
        this.limits = limits;
        this.tls = tls;
        this.entered = entered;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        switch (state) {
            case GREETED -> OptionReplyDecoder.greeting(in).ifPresent(greeting -> onGreeting(context, greeting));
            case STARTTLS, STRUCTURED, CONTEXTS, GO ->
                OptionReplyDecoder.decode(in).ifPresent(answer -> onAnswer(context, in, answer));
            case OVER -> in.skipBytes(in.readableBytes());
        }
    }

    private void onGreeting(ChannelHandlerContext context, Greeting greeting) {
        if (!greeting.fixedNewstyle()) {
            throw new ProtocolViolation("the server does not know options (no fixed newstyle)");
        }
        ByteBuf flags = context.alloc().buffer();
        OptionEncoder.flags(new ClientFlags(true, greeting.noZeroes()), flags);
        context.write(flags);
        if (tls.isPresent()) {
            ask(context, State.STARTTLS, new Option.StartTls());
        } else {
            ask(context, State.STRUCTURED, new Option.StructuredReply());
        }
    }

    private void onAnswer(ChannelHandlerContext context, ByteBuf in, Answer answer) {
        if (answer.optionType() != asked()) {
            throw new ProtocolViolation("an answer to option " + answer.optionType() + " in state " + state);
        }
        switch (answer.reply()) {
            case OptionReply.Ack ack -> onAccepted(context, in);
            case OptionReply.Refused refused -> onRefused(context, refused);
            case OptionReply.InfoExport export -> {
                size = export.size();
                features.addAll(Feature.promisedBy(export.transmissionFlags()));
            }
            case OptionReply.InfoBlockSizes sizes -> blocks = sizes.blocks();
            case OptionReply.MetaContext meta -> {
                if (meta.name().equals(Constants.BASE_ALLOCATION)) {
                    features.add(Feature.BLOCK_STATUS);
                }
            }
            case OptionReply.InfoName name -> {}
            case OptionReply.InfoDescription description -> {}
            case OptionReply.Server server -> throw new ProtocolViolation("a list that nobody asked for");
        }
    }

    private int asked() {
        return switch (state) {
            case STARTTLS -> Constants.OPT_STARTTLS;
            case STRUCTURED -> Constants.OPT_STRUCTURED_REPLY;
            case CONTEXTS -> Constants.OPT_SET_META_CONTEXT;
            case GO -> Constants.OPT_GO;
            case GREETED, OVER -> throw new IllegalStateException("nothing was asked in " + state);
        };
    }

    private void onAccepted(ChannelHandlerContext context, ByteBuf in) {
        switch (state) {
            case STARTTLS -> startTls(context, in);
            case STRUCTURED ->
                ask(
                        context,
                        State.CONTEXTS,
                        new Option.SetMetaContexts(destination.export(), List.of(Constants.BASE_ALLOCATION)));
            case CONTEXTS -> go(context);
            case GO -> enter(context);
            case GREETED, OVER -> throw new IllegalStateException("nothing was asked in " + state);
        }
    }

    private void onRefused(ChannelHandlerContext context, OptionReply.Refused refused) {
        switch (state) {
            case STRUCTURED, CONTEXTS -> go(context);
            case STARTTLS, GO -> refuse(context, describe(refused));
            case GREETED, OVER -> throw new IllegalStateException("nothing was asked in " + state);
        }
    }

    private static String describe(OptionReply.Refused refused) {
        return refused.error() + (refused.why().isEmpty() ? "" : ": " + refused.why());
    }

    private void startTls(ChannelHandlerContext context, ByteBuf in) {
        if (in.isReadable()) {
            throw new ProtocolViolation("the server went on in plaintext after it had agreed to TLS");
        }
        SslHandler handler = tls.orElseThrow();
        context.pipeline().addFirst("tls", handler);
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                ask(context, State.STRUCTURED, new Option.StructuredReply());
            } else {
                refuse(context, "TLS: " + done.cause().getMessage());
            }
        });
    }

    private void go(ChannelHandlerContext context) {
        ask(context, State.GO, new Option.Go(destination.export(), Set.of(Option.InfoType.BLOCK_SIZE)));
    }

    private void ask(ChannelHandlerContext context, State next, Option option) {
        state = next;
        ByteBuf out = context.alloc().buffer();
        OptionEncoder.option(option, out);
        context.writeAndFlush(out);
    }

    private void enter(ChannelHandlerContext context) {
        state = State.OVER;
        Calls calls = new Calls(limits.requestsInFlightMax());
        Conversation conversation =
                new Conversation(context.channel(), destination, new RemoteInfo(size, blocks, features), calls);
        context.pipeline()
                .addLast(
                        "silence",
                        new IdleStateHandler(limits.silenceDeadline().toMillis(), 0, 0, TimeUnit.MILLISECONDS))
                .addLast("answers", new Answers(destination, calls))
                .remove(this);
        if (!entered.complete(conversation)) {
            conversation.close();
        }
    }

    private void refuse(ChannelHandlerContext context, String why) {
        end(context, new RefusedException(destination + ": " + why));
    }

    private void end(ChannelHandlerContext context, IOException why) {
        state = State.OVER;
        entered.completeExceptionally(why);
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        entered.completeExceptionally(new IOException(destination + ": the server hung up in the handshake"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable real = root(cause);
        if (real instanceof ProtocolViolation) {
            refuse(context, String.valueOf(real.getMessage()));
        } else {
            end(context, new IOException(destination + ": " + real.getMessage(), real));
        }
    }

    private static Throwable root(Throwable caught) {
        @Nullable Throwable cause = caught.getCause();
        return caught instanceof DecoderException && cause != null ? cause : caught;
    }
}
