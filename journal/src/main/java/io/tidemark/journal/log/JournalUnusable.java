package io.tidemark.journal.log;

/** The journal cannot be opened as it is; the message says why. Nothing was changed. */
public final class JournalUnusable extends Exception {

    private static final long serialVersionUID = 1L;

    public JournalUnusable(String message) {
        super(message);
    }
}
