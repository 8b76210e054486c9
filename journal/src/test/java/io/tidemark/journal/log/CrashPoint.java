package io.tidemark.journal.log;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a crash may leave of a journal.
 *
 * @param name tells it from every other
 * @param damage makes it of a copy of the files as they stood at that moment
 */
record CrashPoint(String name, Promise promise, Damage damage) {

    /** What must be so after it. */
    enum Promise {
        /** A prefix, and all that was reported durable is in it. */
        KEEPS_WHAT_IS_DURABLE,
        /** The disk has lost what it had taken: a prefix or a refusal, and nothing that was never written. */
        INVENTS_NOTHING
    }

    /** A change of the files of a journal. */
    interface Damage {

        void to(Path journal) throws IOException;
    }
}
