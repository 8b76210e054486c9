package io.tidemark.volume;

import java.io.IOException;

/** The file system has no room for it now. What was asked for may have happened in part, and can be asked for again. */
public final class FullException extends IOException {

    private static final long serialVersionUID = 1L;

    private static final String IN_WORDS = "No space left on device";
    private static final String QUOTA_IN_WORDS = "Disk quota exceeded";

    public FullException(String message) {
        super(message);
    }

    /** Whether something has failed because of this, at whatever depth. */
    public static boolean causes(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof IOException io && is(io)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a failure means the same: Java tells it in words only. */
    static boolean is(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return failure instanceof FullException || message.contains(IN_WORDS) || message.contains(QUOTA_IN_WORDS);
    }
}
