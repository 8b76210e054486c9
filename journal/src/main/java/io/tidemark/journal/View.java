package io.tidemark.journal;

/**
 * The journal laid over what is below it: which bytes of a disk it holds, the newest of each.
 *
 * <p>A view does not keep its records on disk: its owner has a {@link Hold} that covers everything behind the state of
 * the volume below.
 */
public interface View {

    /**
     * Takes an extent of the stream's disk apart. Nothing is copied.
     *
     * @param above records up to here are known to be in what is below and need not be looked for
     */
    Resolved resolve(StreamId stream, Extent extent, Sequence above);
}
