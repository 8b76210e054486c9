package io.tidemark.nbd.protocol;

/**
 * The header of a request as it was received, not yet judged (proto.md, "Request message").
 *
 * @param type what is asked for; any number
 * @param flags the command flags; any bits
 * @param cookie the client's name for the request, which replies repeat
 * @param offset where in the export, unsigned
 * @param length how much of the export, unsigned
 * @param payloadBytes how many bytes follow the header, unsigned
 */
public record Request(int type, int flags, long cookie, long offset, long length, long payloadBytes) {

    /** Whether this command flag is set. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }
}
