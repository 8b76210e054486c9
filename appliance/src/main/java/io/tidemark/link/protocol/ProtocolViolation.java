package io.tidemark.link.protocol;

/** The peer broke a rule of docs/protocol.md: the session ends. */
public final class ProtocolViolation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ProtocolViolation(String what) {
        super(what, null, false, false);
    }

    public String what() {
        return String.valueOf(getMessage());
    }
}
