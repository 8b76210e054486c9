package io.tidemark.link.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that links run on, the sockets that go with them and the memory they use: epoll where there is one,
 * else NIO.
 */
public record Loops(
        EventLoopGroup group,
        Class<? extends Channel> socket,
        Class<? extends ServerChannel> serverSocket,
        ByteBufAllocator allocator) {

    /** The best that this machine has. */
    public static Loops open(int count, ThreadFactory threads) {
        return Epoll.isAvailable()
                ? new Loops(
                        new EpollEventLoopGroup(count, threads),
                        EpollSocketChannel.class,
                        EpollServerSocketChannel.class,
                        PooledByteBufAllocator.DEFAULT)
                : openNio(count, threads);
    }

    /** What every machine has. */
    public static Loops openNio(int count, ThreadFactory threads) {
        return new Loops(
                new NioEventLoopGroup(count, threads),
                NioSocketChannel.class,
                NioServerSocketChannel.class,
                PooledByteBufAllocator.DEFAULT);
    }

    /** The same loops with other memory. */
    public Loops with(ByteBufAllocator other) {
        return new Loops(group, socket, serverSocket, other);
    }

    boolean isEpoll() {
        return group instanceof EpollEventLoopGroup;
    }

    /** Ends the loops, after everything that runs on them. */
    public CompletionStage<Void> close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(done -> closed.complete(null));
        return closed;
    }
}
