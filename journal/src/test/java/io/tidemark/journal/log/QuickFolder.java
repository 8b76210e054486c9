package io.tidemark.journal.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * A temporary folder in memory where the machine has one. Tests that play a crash themselves wait for hundreds of forces
 * otherwise, and learn nothing from a real disk.
 */
public final class QuickFolder implements TempDirFactory {

    private static final Path IN_MEMORY = Path.of("/dev/shm");

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        return Files.isWritable(IN_MEMORY)
                ? Files.createTempDirectory(IN_MEMORY, "tidemark-test")
                : Files.createTempDirectory("tidemark-test");
    }
}
