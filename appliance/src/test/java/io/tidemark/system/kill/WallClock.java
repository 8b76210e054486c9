package io.tidemark.system.kill;

import io.tidemark.system.Site;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

/** The wall clock of a site's process, which can be set while it runs (libfaketime). Its monotonic clock is the machine's. */
final class WallClock {

    private static final String LIBRARY = "/libfaketimeMT.so.1";

    private final Path file;

    /** Gives the site, which was not started yet, a wall clock of its own; it is right at first. */
    WallClock(Site site, Path folder) {
        file = folder.resolve(site.name() + ".clock");
        set(Duration.ZERO);
        Map.of(
                        "LD_PRELOAD",
                        library(),
                        "FAKETIME_TIMESTAMP_FILE",
                        file.toString(),
                        "FAKETIME_CACHE_DURATION", // seconds, after which the file is read again
                        "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1",
                        "FAKETIME_FORCE_MONOTONIC_FIX", // else waits of the JVM end early, and it spins
                        "0",
                        "NO_FAKE_STAT",
                        "1")
                .forEach(site::set);
    }

    /** From now on, within a second or two, it is so much ahead of what is right. */
    void set(Duration ahead) {
        try {
            Path draft = Files.writeString(
                    file.resolveSibling(file.getFileName() + ".draft"), "%+d\n".formatted(ahead.toSeconds()));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String library() {
        return Tool.run("dpkg", "-L", "libfaketime")
                .lines()
                .filter(line -> line.endsWith(LIBRARY))
                .findFirst()
                .orElseThrow(() -> new AssertionError("package libfaketime has no " + LIBRARY));
    }
}
