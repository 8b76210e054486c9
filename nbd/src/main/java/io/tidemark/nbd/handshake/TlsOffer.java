package io.tidemark.nbd.handshake;

import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;

/** What a listener says to {@code NBD_OPT_STARTTLS} (proto.md, "TLS support"). */
public sealed interface TlsOffer {
    /** Gives back what the offer holds outside the heap, when no connection needs it any more. */
    void release();

    /** No: NOTLS mode. */
    record None() implements TlsOffer {
        @Override
        public void release() {}
    }

    /** Yes, and clients may also do without: SELECTIVETLS mode, where no export needs it. */
    record Allowed(SslContext context) implements TlsOffer {
        @Override
        public void release() {
            ReferenceCountUtil.release(context);
        }
    }

    /** Yes, and nothing else before it: FORCEDTLS mode. */
    record Required(SslContext context) implements TlsOffer {
        @Override
        public void release() {
            ReferenceCountUtil.release(context);
        }
    }
}
