package io.tidemark.nbd.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the users', run to its end. */
final class Tool {
    private static final long PATIENCE_SECONDS = 60;

    private Tool() {}

    /** What a program has said, and how it ended. */
    record Result(int status, String output) {}

    /** Runs a program that has to succeed; what it has said. */
    static String run(String... command) {
        Result result = tryToRun(command);
        assertThat(result.status())
                .as("%s: %s", List.of(command), result.output())
                .isZero();
        return result.output();
    }

    /** Runs a program that has to fail; what it has said. */
    static String fail(String... command) {
        Result result = tryToRun(command);
        assertThat(result.status())
                .as("%s: %s", List.of(command), result.output())
                .isNotZero();
        return result.output();
    }

    private static Result tryToRun(String... command) {
        try {
            Path output = Files.createTempFile("tool", ".out");
            try {
                ProcessBuilder builder =
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
                // The system's own come first: another Python in the path does not know libnbd.
                builder.environment().merge("PATH", "/usr/bin:/bin", (path, first) -> first + ":" + path);
                Process process = builder.start();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                    throw new AssertionError(List.of(command) + " hangs: " + text(output));
                }
                return new Result(process.exitValue(), text(output));
            } finally {
                Files.delete(output);
            }
        } catch (IOException absent) {
            throw new UncheckedIOException(absent);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static String text(Path output) throws IOException {
        return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }
}
