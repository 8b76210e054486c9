package io.tidemark.nbd;

/** The errors a client can be told (proto.md, "Error values"). */
public enum NbdError {
    NOT_PERMITTED(1, "operation not permitted"),
    IO(5, "input/output error"),
    INVALID(22, "invalid argument"),
    NO_SPACE(28, "no space left on device"),
    OVERFLOW(75, "value too large"),
    NOT_SUPPORTED(95, "operation not supported"),
    SHUTTING_DOWN(108, "server is shutting down");

    private final int number;
    private final String text;

    NbdError(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** The value on the wire. */
    public int number() {
        return number;
    }

    /** The error in words for a person. */
    public String text() {
        return text;
    }
}
