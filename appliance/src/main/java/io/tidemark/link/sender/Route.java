package io.tidemark.link.sender;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.tidemark.link.Destination.HostPort;
import io.tidemark.link.transport.Conversation;
import io.tidemark.link.transport.Endpoint;
import io.tidemark.link.transport.Pipeline;
import io.tidemark.link.transport.Tls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The way to a destination: its addresses, resolved, and what secures the connections. */
record Route(Endpoint endpoint, Tls tls, List<InetSocketAddress> addresses) {

    /** Resolves names and reads certificates: it blocks. A host that is not known is left out, unless all are. */
    static Route find(Endpoint endpoint, List<HostPort> hosts) throws UnknownHostException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (HostPort host : hosts) {
            try {
                for (InetAddress address : InetAddress.getAllByName(host.host())) {
                    addresses.add(new InetSocketAddress(address, host.port()));
                }
            } catch (UnknownHostException unknown) {
                if (host.equals(hosts.getLast()) && addresses.isEmpty()) {
                    throw unknown;
                }
            }
        }
        Tls tls = Tls.client(endpoint.security());
        addresses.forEach(tls::check);
        return new Route(endpoint, tls, addresses);
    }

    /** Begins to connect. If that fails, {@code whenFailed} is told why, on an event loop. */
    Channel connect(InetSocketAddress address, Conversation conversation, Consumer<Throwable> whenFailed) {
        int patienceMillis = (int) endpoint.settings().timeouts().connect().toMillis();
        ChannelFuture connecting = new Bootstrap()
                .group(endpoint.loops().group())
                .channel(endpoint.loops().socket())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, patienceMillis)
                .handler(new Pipeline(endpoint, tls, () -> conversation))
                .connect(address);
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                whenFailed.accept(done.cause());
            }
        });
        return connecting.channel();
    }
}
