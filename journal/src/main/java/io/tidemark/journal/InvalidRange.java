package io.tidemark.journal;

/** What a peer shipped is not a range that can follow the last one. Nothing was changed. */
public final class InvalidRange extends Exception {

    private static final long serialVersionUID = 1L;

    public InvalidRange(String message) {
        super(message);
    }
}
