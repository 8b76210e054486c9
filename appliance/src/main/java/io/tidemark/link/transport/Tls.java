package io.tidemark.link.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.tidemark.link.Security;
import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * What secures the connections of a dialled session or of a listener: TLS 1.3 by BoringSSL where it is there, else by
 * the JDK; or nothing, on loopback.
 */
public sealed interface Tls {

    /** Gives the context back; connections that have begun keep what they need. */
    void release();

    /** Refuses an address that must not be used unsecured. */
    void check(InetSocketAddress address);

    Optional<SslHandler> handler(ByteBufAllocator allocator);

    /** What a dialer shows and wants to see. Reads files. */
    static Tls client(Security security) {
        return switch (security) {
            case Security.PlaintextOnLoopback plaintext -> new Off();
            case Security.Tls files ->
                on(
                        SslContextBuilder.forClient()
                                .keyManager(
                                        files.certificateChain().toFile(),
                                        files.privateKey().toFile()),
                        files);
        };
    }

    /** What a listener shows and wants to see. Reads files. */
    static Tls server(Security security) {
        return switch (security) {
            case Security.PlaintextOnLoopback plaintext -> new Off();
            case Security.Tls files ->
                on(
                        SslContextBuilder.forServer(
                                        files.certificateChain().toFile(),
                                        files.privateKey().toFile())
                                .clientAuth(ClientAuth.REQUIRE),
                        files);
        };
    }

    private static Tls on(SslContextBuilder builder, Security.Tls files) {
        try {
            return new On(builder.trustManager(files.authorities().toFile())
                    .sslProvider(
                            SslProvider.isTlsv13Supported(SslProvider.OPENSSL) && OpenSsl.isAvailable()
                                    ? SslProvider.OPENSSL_REFCNT
                                    : SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .build());
        } catch (SSLException unusable) {
            throw new IllegalArgumentException(files + " cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    /** TLS 1.3. */
    record On(SslContext context) implements Tls {

        @Override
        public void check(InetSocketAddress address) {}

        @Override
        public Optional<SslHandler> handler(ByteBufAllocator allocator) {
            SslHandler handler = context.newHandler(allocator);
            handler.setHandshakeTimeoutMillis(0); // the connection has a deadline of its own
            return Optional.of(handler);
        }

        @Override
        public void release() {
            ReferenceCountUtil.release(context);
        }
    }

    /** Plaintext. */
    record Off() implements Tls {
        @Override
        public void check(InetSocketAddress address) {
            if (address.isUnresolved() || !address.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException("plaintext is for loopback only, not for " + address);
            }
        }

        @Override
        public Optional<SslHandler> handler(ByteBufAllocator allocator) {
            return Optional.empty();
        }

        @Override
        public void release() {}
    }
}
