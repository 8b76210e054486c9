package io.tidemark.link;

/** The random number of a session: one sender's journal shipped to one receiver, from a handshake to the first break. */
public record SessionId(long number) {

    @Override
    public String toString() {
        return Long.toHexString(number);
    }
}
