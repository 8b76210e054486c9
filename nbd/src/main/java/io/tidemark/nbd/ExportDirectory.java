package io.tidemark.nbd;

import java.util.List;

/**
 * The exports there are, and who may see them.
 *
 * <p>Thread: called on the event loop of the asking connection, so from several threads at once; never blocks.
 */
public interface ExportDirectory {
    /** Looks up what a client asks for by name. */
    Lookup find(ExportName name, Client client);

    /** The exports this client may know of; asked only by listeners that allow {@code NBD_OPT_LIST}. */
    List<ExportInfo> list(Client client);

    /** What became of a lookup. */
    sealed interface Lookup permits Unknown, Found, Refused {}

    /** There is no such export, or this client may not know of it ({@code NBD_REP_ERR_UNKNOWN}). */
    record Unknown() implements Lookup {}

    /** There it is. */
    record Found(Export export) implements Lookup {}

    /** There is one, but not for this client or not now. */
    record Refused(Refusal refusal) implements Lookup {}
}
