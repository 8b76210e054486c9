package io.tidemark.intake;

/** How the life of the journal before this one ended. */
public enum LifeBefore {
    /** Nothing was in flight, or there was no life before. */
    ENDED_CLEANLY,
    /** The process died; what it had acknowledged is here. */
    PROCESS_DIED,
    /** The machine died, or a force failed; what was acknowledged without a force may be lost. */
    MACHINE_DIED
}
