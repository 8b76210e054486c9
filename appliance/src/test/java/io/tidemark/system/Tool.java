package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program of the users', run to its end or beside the test. */
public final class Tool implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What a program has said, both streams, and how it ended. */
    public record Result(int status, String output) {}

    private final List<String> command;
    private final Path output;
    private final Process process;

    private Tool(List<String> command) {
        this.command = command;
        try {
            output = Files.createTempFile("tool", ".out");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            // The system's own come first: another Python in the path does not know libnbd.
            builder.environment().merge("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", (path, first) -> first + ":" + path);
            process = Children.adopt(builder.start());
        } catch (IOException absent) {
            throw new UncheckedIOException(absent);
        }
    }

    /** Starts a program that goes on beside the test until it ends or is closed. */
    public static Tool start(Object... command) {
        return new Tool(words(command));
    }

    /** Runs a program that has to succeed; what it has said. */
    public static String run(Object... command) {
        Result result = result(command);
        assertThat(result.status())
                .as("%s: %s", List.of(command), result.output())
                .isZero();
        return result.output();
    }

    /** Runs a program that has to fail; what it has said. */
    public static String fail(Object... command) {
        Result result = result(command);
        assertThat(result.status())
                .as("%s: %s", List.of(command), result.output())
                .isNotZero();
        return result.output();
    }

    /** Runs a program, however it ends. */
    public static Result result(Object... command) {
        try (Tool tool = start(command)) {
            return tool.await();
        }
    }

    /** How it has ended, when it has. */
    public Result await() {
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(command + " hangs: " + output());
            }
            return new Result(process.exitValue(), output());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** What it has said so far. */
    public String output() {
        try {
            return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    /** Asks it to end (SIGTERM). */
    public void terminate() {
        process.destroy();
    }

    /** Ends it if it has not ended. */
    @Override
    public void close() {
        try {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            Files.deleteIfExists(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> words(Object... command) {
        List<String> words = new ArrayList<>();
        Stream.of(command).map(Object::toString).forEach(words::add);
        return words;
    }
}
