package io.tidemark.nbd;

/** Why a client may not use an export now, in words for a person at the client's side. */
public record Refusal(Reason reason, String message) {

    /** What the client should make of it; the names are those of the protocol's replies. */
    public enum Reason {
        /** It may not, whatever it tries ({@code NBD_REP_ERR_POLICY}). */
        POLICY,
        /** It may come back when the server does ({@code NBD_REP_ERR_SHUTDOWN}). */
        SHUTDOWN
    }
}
