package io.tidemark.system.database;

import io.tidemark.system.Tool;
import java.nio.file.Path;

/**
 * SQLite, whose commits are durable.
 *
 * @param journalMode how: {@code wal} or {@code delete}
 */
record Sqlite(String journalMode) implements Database {

    private static final String FILE = "database";

    @Override
    public Running start(Path mounted, Workload workload) {
        Tool work = workload.start("sqlite_commits.py", mounted.resolve(FILE), journalMode);
        return new Running() {
            @Override
            public Tool work() {
                return work;
            }

            @Override
            public void close() {
                work.close();
            }
        };
    }

    @Override
    public String check(Path mounted) {
        return Workload.run("sqlite_check.py", mounted.resolve(FILE));
    }
}
