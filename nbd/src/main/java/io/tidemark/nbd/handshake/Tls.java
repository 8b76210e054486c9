package io.tidemark.nbd.handshake;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.tidemark.nbd.Client;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;

/** TLS on a channel: how it begins, and whom it has shown. */
final class Tls {
    private Tls() {}

    /** From the next byte on, the channel speaks TLS. */
    static void start(Channel channel, TlsOffer offer) {
        switch (offer) {
            case TlsOffer.None none -> throw new IllegalStateException("no TLS was offered");
            case TlsOffer.Allowed allowed -> start(channel, allowed.tls());
            case TlsOffer.Required required -> start(channel, required.tls());
        }
    }

    private static void start(Channel channel, ServerTls tls) {
        SslHandler handler = tls.handler(channel.alloc());
        // The deadline of the whole handshake covers this one too.
        handler.setHandshakeTimeoutMillis(0);
        channel.pipeline().addFirst("tls", handler);
    }

    /** Who the client has proved to be, once the TLS handshake is complete. */
    static Client.Identity identity(Channel channel) {
        try {
            Certificate[] chain = channel.pipeline()
                    .get(SslHandler.class)
                    .engine()
                    .getSession()
                    .getPeerCertificates();
            return chain[0] instanceof X509Certificate certificate
                    ? CertificateNames.identity(certificate)
                    : new Client.Encrypted();
        } catch (SSLPeerUnverifiedException noCertificate) {
            return new Client.Encrypted();
        }
    }
}
