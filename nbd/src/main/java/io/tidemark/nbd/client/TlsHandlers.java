package io.tidemark.nbd.client;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** What encrypts the connection of one destination, or nothing: with OpenSSL where it is there, else with the JDK. */
sealed interface TlsHandlers {
    /** The handler for a channel whose server agrees to TLS. */
    Optional<SslHandler> handler(ByteBufAllocator allocator);

    /** Gives the context back; connections that have begun keep what they need. */
    void release();

    /** Reads the files of a destination's policy. */
    static TlsHandlers of(Destination destination) {
        return switch (destination.tls()) {
            case ClientTls.Off off -> new Off();
            case ClientTls.Verified verified ->
                new On(context(verified), destination.host(), destination.port(), verified);
        };
    }

    private static SslContext context(ClientTls.Verified verified) {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .trustManager(verified.authorities().toFile())
                    .endpointIdentificationAlgorithm("HTTPS")
                    .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2");
            switch (verified.identity()) {
                case ClientTls.Anonymous anonymous -> {}
                case ClientTls.Certified certified ->
                    builder.keyManager(
                            certified.certificateChain().toFile(),
                            certified.privateKey().toFile());
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException unusable) {
            throw new IllegalArgumentException(verified + " cannot be used", unusable);
        }
    }

    /** The server proves to be the host that was dialled. */
    record On(SslContext context, String host, int port, ClientTls.Verified verified) implements TlsHandlers {
        @Override
        public Optional<SslHandler> handler(ByteBufAllocator allocator) {
            SslHandler handler = context.newHandler(allocator, host, port);
            handler.setHandshakeTimeoutMillis(0); // the connection has a deadline of its own
            return Optional.of(handler);
        }

        @Override
        public void release() {
            ReferenceCountUtil.release(context);
        }
    }

    /** Plaintext. */
    record Off() implements TlsHandlers {
        @Override
        public Optional<SslHandler> handler(ByteBufAllocator allocator) {
            return Optional.empty();
        }

        @Override
        public void release() {}
    }
}
