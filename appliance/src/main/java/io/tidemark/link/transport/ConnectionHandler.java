package io.tidemark.link.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.protocol.FrameAssembler;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import java.io.IOException;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a connection and its conversation what happens to the channel. */
final class ConnectionHandler extends ChannelInboundHandlerAdapter implements FrameAssembler.Sink {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandler.class);

    private final Connection connection;
    private final Conversation conversation;
    private final FrameAssembler assembler = new FrameAssembler(this);

    ConnectionHandler(Connection connection, Conversation conversation) {
        this.connection = connection;
        this.conversation = conversation;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        connection.onActive();
        if (context.pipeline().get(SslHandler.class) == null) {
            conversation.onSecured(connection, new PeerNames.Unproven());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws SSLPeerUnverifiedException {
        if (event instanceof Connection.End end) {
            connection.end(end.ending());
        } else if (event instanceof SslHandshakeCompletionEvent handshake && !connection.isOver()) {
            if (handshake.isSuccess()) {
                SslHandler tls = context.pipeline().get(SslHandler.class);
                conversation.onSecured(connection, PeerNames.of(tls.engine().getSession()));
            } else {
                connection.end(new Ending.Lost("TLS: " + handshake.cause().getMessage()));
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!connection.isOver()) {
                assembler.accept(bytes);
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable() && !connection.isOver()) {
            conversation.onWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        connection.end(new Ending.Lost("the other side closed the connection"));
        assembler.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        Throwable real = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        switch (real) {
            case ProtocolViolation violation ->
                connection.end(new Ending.Refused(ErrorCode.PROTOCOL, violation.what()));
            case IOException broken -> connection.end(new Ending.Lost(String.valueOf(broken.getMessage())));
            default -> {
                LOG.error("{}: closed because of a fault", context.channel(), real);
                connection.end(new Ending.Lost("a fault of ours: " + real));
            }
        }
    }

    @Override
    public void onMessage(Message message) {
        if (!connection.isOver()) {
            switch (message) {
                case Message.Subject subject -> conversation.onMessage(subject);
                case Message.Sign sign -> connection.onSign(sign);
            }
        }
    }

    @Override
    public Optional<ByteBuf> place(RangeHeader range) {
        return connection.isOver() ? Optional.empty() : conversation.place(range);
    }

    @Override
    public void takeRange(RangeHeader range, ByteBuf records) {
        if (connection.isOver()) {
            records.release();
        } else {
            conversation.takeRange(range, records);
        }
    }
}
