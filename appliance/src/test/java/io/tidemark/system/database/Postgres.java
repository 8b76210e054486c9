package io.tidemark.system.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * PostgreSQL, in a user's name that is not root's.
 *
 * @param sockets a folder for its sockets, which the user can write to
 */
record Postgres(Path sockets) implements Database {

    /** Who runs it: {@code make torture-data} creates the account. */
    static final String USER = "tidemark-test";

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    /** Small, so that a checkpoint and a full log come often. */
    private static final String SETTINGS =
            "-c listen_addresses='' -c shared_buffers=8MB -c max_wal_size=32MB -c unix_socket_directories=";

    @Override
    public Running start(Path mounted, Workload workload) {
        Path data = mounted.resolve("postgres");
        Tool.run("install", "-d", "-m", "700", "-o", USER, data);
        run("initdb", "-A", "trust", "-U", USER, "-D", data);
        begin(data);
        Tool work = workload.start("postgres_commits.py", program("psql"), sockets, USER, mounted);
        return new Running() {
            @Override
            public Tool work() {
                return work;
            }

            @Override
            public void close() {
                work.close();
                end(data);
            }
        };
    }

    @Override
    public String check(Path mounted) {
        Path data = mounted.resolve("postgres");
        forgetServer(data);
        begin(data);
        try {
            run("pg_amcheck", "--install-missing", "--heapallindexed", "--parent-check", "-h", sockets, "postgres");
            return Workload.run("postgres_check.py", program("psql"), sockets, USER);
        } finally {
            end(data);
        }
    }

    /** Starts the server and waits until it takes queries; what a crash has left is recovered then. */
    private void begin(Path data) {
        Path log = sockets.resolve("log");
        Tool.Result result =
                Tool.result(line("pg_ctl", "start", "-w", "-t", "90", "-D", data, "-l", log, "-o", SETTINGS + sockets));
        assertThat(result.status()).as("%s: %s", result.output(), read(log)).isZero();
    }

    /** The lock names a process of the site that is lost. Here, on the same machine, somebody else may have its number by now. */
    private static void forgetServer(Path data) {
        try {
            Files.deleteIfExists(data.resolve("postmaster.pid"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Path data) {
        run("pg_ctl", "stop", "-m", "immediate", "-D", data);
    }

    private static void run(String program, Object... arguments) {
        Tool.run(line(program, arguments));
    }

    private static Object[] line(String program, Object... arguments) {
        List<Object> line = new ArrayList<>(List.of("runuser", "-u", USER, "--", program(program)));
        line.addAll(List.of(arguments));
        return line.toArray();
    }

    private static Path program(String name) {
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            return versions.max(Path::compareTo).orElseThrow().resolve("bin").resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "no log";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
