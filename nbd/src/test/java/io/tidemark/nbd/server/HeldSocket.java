package io.tidemark.nbd.server;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.tidemark.nbd.transport.ListeningSocket;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Holds a listening socket as systemd does: accepts nobody, and gives descriptors of it away. */
@SuppressWarnings("restricted") // the system calls; the tests allow native access
final class HeldSocket implements AutoCloseable {
    private static final int F_SETFL = 4;

    private static final MethodHandle DUP = function("dup", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle FCNTL = function(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));

    private final EpollEventLoopGroup loop = new EpollEventLoopGroup(1);
    private final Channel socket = new ServerBootstrap()
            .group(loop)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .childHandler(new ChannelInboundHandlerAdapter())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();

    /** Where clients can connect. */
    InetSocketAddress address() {
        return (InetSocketAddress) socket.localAddress();
    }

    /** Another descriptor of the same socket, which blocks, as one does that was opened without a thought. */
    ListeningSocket.Inherited give() {
        int own = ((EpollServerSocketChannel) socket).fd().intValue();
        try {
            int given = (int) DUP.invokeExact(own);
            assertThat(given).isPositive();
            assertThat((int) FCNTL.invokeExact(given, F_SETFL, 0)).isZero();
            return new ListeningSocket.Inherited(given);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        socket.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static MethodHandle function(String name, FunctionDescriptor form, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), form, options);
    }
}
