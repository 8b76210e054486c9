package io.tidemark.journal.format;

/** Bytes that are not a whole, valid record. */
public final class BadRecord extends Exception {

    private static final long serialVersionUID = 1L;

    public BadRecord(String message) {
        super(message);
    }
}
