package io.tidemark.nbd.client;

import java.io.IOException;

/** A server does not let this client in, or is none that it can talk to; trying again will not help by itself. */
public final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public RefusedException(String why) {
        super(why);
    }
}
