package io.tidemark.nbd.protocol;

/** The peer broke the protocol in a way that leaves nothing to answer: its connection ends. */
public final class ProtocolViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProtocolViolation(String what) {
        super(what, null, false, false);
    }
}
