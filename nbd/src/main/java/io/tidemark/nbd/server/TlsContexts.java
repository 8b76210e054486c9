package io.tidemark.nbd.server;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.tidemark.nbd.handshake.ServerTls;
import io.tidemark.nbd.handshake.TlsOffer;
import javax.net.ssl.SSLException;

/** Turns a policy into what Netty needs: with OpenSSL where it is there, else with the JDK; TLS 1.2 and later. */
final class TlsContexts {
    private TlsContexts() {}

    static TlsOffer offer(TlsPolicy policy) {
        return offer(policy, provider());
    }

    static TlsOffer offer(TlsPolicy policy, SslProvider provider) {
        return switch (policy) {
            case TlsPolicy.Off off -> new TlsOffer.None();
            case TlsPolicy.Allowed allowed ->
                new TlsOffer.Allowed(new ServerTls(context(allowed.credentials(), provider)));
            case TlsPolicy.Required required ->
                new TlsOffer.Required(new ServerTls(context(required.credentials(), provider)));
        };
    }

    /** Reads the certificates of the policy again that the offer was made by. If they cannot be used nothing changes. */
    static void renew(TlsOffer offer, TlsPolicy policy) {
        switch (offer) {
            case TlsOffer.None none -> {}
            case TlsOffer.Allowed allowed -> renew(allowed.tls(), policy);
            case TlsOffer.Required required -> renew(required.tls(), policy);
        }
    }

    private static void renew(ServerTls tls, TlsPolicy policy) {
        switch (policy) {
            case TlsPolicy.Off off -> throw new IllegalStateException("TLS was offered without a policy");
            case TlsPolicy.Allowed allowed -> tls.renew(context(allowed.credentials(), provider()));
            case TlsPolicy.Required required -> tls.renew(context(required.credentials(), provider()));
        }
    }

    private static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
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
