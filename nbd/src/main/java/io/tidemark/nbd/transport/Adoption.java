package io.tidemark.nbd.transport;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Makes a channel of a listening socket that this process was started with, by epoll.
 *
 * <p>Two things act on the socket itself and so on all who hold it, whichever descriptor they have. It must not block: epoll tells of a client, and when
 * that one has gone before it is accepted a loop would hang in accept(2); so it is made so here, whatever the holder did. And it must never be shut down:
 * shutdown(2) would end the queue for all of them. To close the channel is right: Netty takes the descriptor out of its epoll and closes it, and does nothing
 * else to a socket that listens, whose queue stays as it is for as long as anybody holds it.
 */
@SuppressWarnings("restricted") // fcntl is a system call; the launcher allows native access
final class Adoption {

    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 04000; // on x86-64 and arm64

    /** socket(7). */
    private static final int SOL_SOCKET = 1;

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final IntegerUnixChannelOption SO_ACCEPTCONN =
            new IntegerUnixChannelOption("SO_ACCEPTCONN", SOL_SOCKET, 30);
    private static final IntegerUnixChannelOption SO_DOMAIN = new IntegerUnixChannelOption("SO_DOMAIN", SOL_SOCKET, 39);

    private static final MethodHandle FCNTL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("fcntl"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));

    private Adoption() {}

    /**
     * The channel; it accepts nobody before it is registered and read.
     *
     * @throws IllegalArgumentException if the descriptor is not that of a TCP socket that listens
     */
    static EpollServerSocketChannel adopt(int descriptor) {
        int flags = fcntl(descriptor, F_GETFL, 0);
        if (flags < 0) {
            throw new IllegalArgumentException("descriptor " + descriptor + " is not open");
        }
        EpollServerSocketChannel channel = channel(descriptor);
        int domain = channel.config().getOption(SO_DOMAIN);
        if (domain != AF_INET && domain != AF_INET6) {
            throw new IllegalArgumentException("descriptor " + descriptor + " is no TCP socket");
        }
        if (channel.config().getOption(SO_ACCEPTCONN) == 0) {
            throw new IllegalArgumentException("the socket of descriptor " + descriptor + " does not listen");
        }
        if (fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0) {
            throw new IllegalArgumentException("descriptor " + descriptor + " cannot be made not to block");
        }
        return channel;
    }

    private static EpollServerSocketChannel channel(int descriptor) {
        try {
            return new EpollServerSocketChannel(descriptor);
        } catch (RuntimeException notOne) {
            throw new IllegalArgumentException("descriptor " + descriptor + " is no socket", notOne);
        }
    }

    private static int fcntl(int descriptor, int command, int argument) {
        try {
            return (int) FCNTL.invokeExact(descriptor, command, argument);
        } catch (Throwable e) {
            throw new AssertionError("fcntl throws nothing", e);
        }
    }
}
