package io.tidemark.system.database;

import io.tidemark.system.Tool;
import java.nio.file.Path;

/** A database in a file system, as its users have it. */
interface Database {

    /** A database that takes commits, made in this file system. */
    interface Running extends AutoCloseable {

        /** Commits, and says so, until told to stop. */
        Tool work();

        @Override
        void close();
    }

    /** Makes it in an empty file system and begins to commit. */
    Running start(Path mounted, Workload workload);

    /** Starts it as a crash has left it and has everything checked; the last commit of each session, a line each. */
    String check(Path mounted);
}
