package io.tidemark.sim;

/** Unwinds the task in whose middle its process dies. An error, so that nobody handles it. */
final class ProcessDied extends Error {

    private static final long serialVersionUID = 1L;

    ProcessDied() {
        super("the process died here", null, false, true);
    }
}
