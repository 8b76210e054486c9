package io.tidemark.cli;

/** Ends a command with what is said about it, and its exit code. */
final class Failed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exit;
    private final String body;

    Failed(int exit, String message) {
        this(exit, message, "");
    }

    /** @param body of the answer, for those who want it as it came */
    Failed(int exit, String message, String body) {
        super(message);
        this.exit = exit;
        this.body = body;
    }

    int exit() {
        return exit;
    }

    String body() {
        return body;
    }
}
