package io.tidemark.system.database;

import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the programs in {@code src/test/python} are run.
 *
 * @param rest where a program learns which record is the journal's newest: host and port
 * @param peer whose journal that is
 * @param stop a file that is not there yet; programs end once it is
 */
record Workload(String rest, String peer, Path stop) {

    private static final Path PROGRAMS = Path.of(System.getProperty("basedir", "."), "src", "test", "python");

    /** Starts a program that commits. */
    Tool start(String program, Object... arguments) {
        List<Object> line = new ArrayList<>(List.of("/usr/bin/python3", PROGRAMS.resolve(program), rest, peer, stop));
        line.addAll(List.of(arguments));
        return Tool.start(line.toArray());
    }

    void tellToStop() {
        try {
            Files.createFile(stop);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program that checks; what it has said. */
    static String run(String program, Object... arguments) {
        List<Object> line = new ArrayList<>(List.of("/usr/bin/python3", PROGRAMS.resolve(program)));
        line.addAll(List.of(arguments));
        return Tool.run(line.toArray());
    }
}
