package io.tidemark.nbd.server;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tidemark.nbd.handshake.TlsOffer;
import javax.net.ssl.SSLException;

/** Turns a policy into what Netty needs: with OpenSSL where it is there, else with the JDK; TLS 1.2 and later. */
final class TlsContexts {
    private TlsContexts() {}

    static TlsOffer offer(TlsPolicy policy) {
        return offer(policy, OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK);
    }

    static TlsOffer offer(TlsPolicy policy, SslProvider provider) {
        return switch (policy) {
            case TlsPolicy.Off off -> new TlsOffer.None();
            case TlsPolicy.Allowed allowed -> new TlsOffer.Allowed(context(allowed.credentials(), provider));
            case TlsPolicy.Required required -> new TlsOffer.Required(context(required.credentials(), provider));
        };
    }

    private static SslContext context(TlsPolicy.Credentials credentials, SslProvider provider) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            credentials.certificateChain().toFile(),
                            credentials.privateKey().toFile())
                    .sslProvider(provider)
                    .protocols("TLSv1.3", "TLSv1.2");
            switch (credentials.clients()) {
                case TlsPolicy.Anyone anyone -> builder.clientAuth(ClientAuth.NONE);
                case TlsPolicy.SignedBy signed ->
                    builder.clientAuth(ClientAuth.REQUIRE)
                            .trustManager(signed.authority().toFile());
            }
            return builder.build();
        } catch (SSLException | IllegalArgumentException unusable) {
            throw new IllegalArgumentException(credentials + " cannot be used", unusable);
        }
    }
}
