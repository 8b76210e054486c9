package io.tidemark.nbd.handshake;

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
    record Allowed(ServerTls tls) implements TlsOffer {
        @Override
        public void release() {
            tls.release();
        }
    }

    /** Yes, and nothing else before it: FORCEDTLS mode. */
    record Required(ServerTls tls) implements TlsOffer {
        @Override
        public void release() {
            tls.release();
        }
    }
}
