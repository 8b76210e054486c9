package io.tidemark.volume;

import java.io.IOException;

/** What a volume begins with is still being copied to it. Can be asked for again. */
public final class NotYetException extends IOException {

    private static final long serialVersionUID = 1L;

    public NotYetException(String message) {
        super(message);
    }
}
