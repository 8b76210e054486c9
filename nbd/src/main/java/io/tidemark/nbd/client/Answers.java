package io.tidemark.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.IdleStateEvent;
import io.tidemark.nbd.protocol.ProtocolViolation;
import io.tidemark.nbd.protocol.ReplyDecoder;
import io.tidemark.nbd.protocol.ReplyDecoder.Chunk;
import io.tidemark.nbd.protocol.ReplyDecoder.Head;
import io.tidemark.nbd.protocol.ReplyDecoder.Simple;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the server's answers apart and brings them to their calls; what a read has asked for goes straight into its
 * buffer.
 *
 * <pre>
 *   AtHead    --simple, without payload--> AtHead
 *   AtHead    --simple, to a read--> InData
 *   AtHead    --chunk of data--> AtOffset --its offset--> InData
 *   AtHead    --other chunk--> AtPayload --all of it--> AtHead
 *   InData    --all of it--> AtHead
 * </pre>
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Answers extends ByteToMessageDecoder {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    /** The longest chunk without data that is taken: many runs of a block status. */
    private static final int PAYLOAD_BYTES_MAX = 1 << 20;

    private final Destination destination;
    private final Calls calls;
    private State state = new AtHead();

    private sealed interface State {}

    private record AtHead() implements State {}

    /** The place of a chunk's data follows. */
    private record AtOffset(Call.Read read, Chunk chunk) implements State {}

    /** So many bytes of a read follow, which belong at this offset. */
    private record InData(Call.Read read, long offset, long left, boolean last) implements State {}

    /** A small payload follows, which is taken as a whole. */
    private record AtPayload(Call call, Chunk chunk) implements State {}

    Answers(Destination destination, Calls calls) {
        this.destination = destination;
        this.calls = calls;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        state = switch (state) {
            case AtHead atHead -> ReplyDecoder.decode(in).map(this::onHead).orElse(atHead);
            case AtOffset at -> in.isReadable(Long.BYTES) ? onOffset(at, in.readLong()) : at;
            case InData data -> onData(data, in);
            case AtPayload at ->
                in.isReadable((int) at.chunk().bytes())
                        ? onPayload(at, in.readSlice((int) at.chunk().bytes()))
                        : at;
        };
    }

    private State onHead(Head head) {
        Call call = calls.of(head.cookie());
        return switch (head) {
            case Simple simple -> onSimple(call, simple);
            case Chunk chunk -> onChunk(call, chunk);
        };
    }

    private State onSimple(Call call, Simple simple) {
        if (simple.error() != 0) {
            call.fail(simple.error());
            return ended(call, true);
        }
        return switch (call) {
            case Call.Read read ->
                data(read, read.request().offset(), read.request().length(), true);
            case Call.Change change -> ended(change, true);
            case Call.Status status -> throw new ProtocolViolation("a simple answer to a question for block status");
        };
    }

    private State onChunk(Call call, Chunk chunk) {
        return switch (chunk.content()) {
            case DATA -> new AtOffset(reading(call, chunk, Long.BYTES), chunk);
            case NOTHING, HOLE, STATUS, ERROR, OTHER -> {
                if (chunk.bytes() > PAYLOAD_BYTES_MAX) {
                    throw new ProtocolViolation(chunk + " is longer than " + PAYLOAD_BYTES_MAX);
                }
                yield chunk.bytes() == 0
                        ? onPayload(new AtPayload(call, chunk), Unpooled.EMPTY_BUFFER)
                        : new AtPayload(call, chunk);
            }
        };
    }

    private State onOffset(AtOffset at, long offset) {
        long bytes = at.chunk().bytes() - Long.BYTES;
        at.read().check(offset, bytes);
        return data(at.read(), offset, bytes, at.chunk().last());
    }

    private State onData(InData data, ByteBuf in) {
        int bytes = (int) Math.min(data.left(), in.readableBytes());
        data.read().fill(data.offset(), in, bytes);
        return data(data.read(), data.offset() + bytes, data.left() - bytes, data.last());
    }

    private State data(Call.Read read, long offset, long left, boolean last) {
        return left > 0 ? new InData(read, offset, left, last) : ended(read, last);
    }

    private State onPayload(AtPayload at, ByteBuf payload) {
        switch (at.chunk().content()) {
            case NOTHING, OTHER -> {}
            case HOLE -> {
                Call.Read read = reading(at.call(), at.chunk(), Long.BYTES + Integer.BYTES);
                read.hole(payload.readLong(), payload.readUnsignedInt());
            }
            case STATUS -> {
                if (!(at.call() instanceof Call.Status status) || payload.readableBytes() < Integer.BYTES) {
                    throw new ProtocolViolation(
                            at.chunk() + " in answer to " + at.call().request());
                }
                status.describe(payload);
            }
            case ERROR -> {
                if (payload.readableBytes() < Integer.BYTES) {
                    throw new ProtocolViolation(at.chunk() + " is too short for an error");
                }
                at.call().fail(ReplyDecoder.error(payload));
            }
            case DATA -> throw new IllegalStateException("data are not taken as a whole");
        }
        return ended(at.call(), at.chunk().last());
    }

    /** The read that a chunk with content answers. */
    private static Call.Read reading(Call call, Chunk chunk, int bytesMin) {
        if (call instanceof Call.Read read && chunk.bytes() >= bytesMin) {
            return read;
        }
        throw new ProtocolViolation(chunk + " in answer to " + call.request());
    }

    private State ended(Call call, boolean last) {
        if (last) {
            calls.answered(call);
        }
        return new AtHead();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent && !calls.isEmpty()) {
            calls.end("the server has been silent for too long");
            context.close();
        }
        super.userEventTriggered(context, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        calls.end("the server hung up");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable real = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        LOG.warn("{}: {}", destination, real.toString());
        calls.end(String.valueOf(real.getMessage()));
        context.close();
    }
}
