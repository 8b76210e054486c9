package io.tidemark.nbd.handshake;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/**
 * What a listener shows clients and asks of them, which may be renewed while connections begin: those that have begun keep what they began with.
 *
 * <p>Thread: any.
 */
public final class ServerTls {

    private SslContext context;

    /** @param context is this one's to release */
    public ServerTls(SslContext context) {
        this.context = context;
    }

    /** For one connection. */
    public synchronized SslHandler handler(ByteBufAllocator allocator) {
        return context.newHandler(allocator);
    }

    /** Connections that begin TLS from now on do so with another context, which is this one's to release. */
    public synchronized void renew(SslContext next) {
        SslContext before = context;
        context = next;
        ReferenceCountUtil.release(before);
    }

    /** Gives back what it holds outside the heap, when no connection needs it any more. */
    synchronized void release() {
        ReferenceCountUtil.release(context);
    }
}
