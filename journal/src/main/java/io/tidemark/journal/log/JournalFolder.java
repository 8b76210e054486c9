package io.tidemark.journal.log;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The folder of a journal, locked while it is open: docs/journal.md, section 1. */
final class JournalFolder implements AutoCloseable {

    private static final String FORMAT = "1";

    /**
     * Static because what it guards is the process's: POSIX drops all its locks of a file when it closes any descriptor of
     * it, so a second opener in this process must be refused before it opens the lock.
     */
    private static final Set<Path> OPEN_HERE = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path real;
    private final FileChannel lockChannel;

    private JournalFolder(Path path, Path real, FileChannel lockChannel) {
        this.path = path;
        this.real = real;
        this.lockChannel = lockChannel;
    }

    /** Creates the folder if it is not there, and takes its lock. */
    static JournalFolder open(Path path) throws IOException, JournalUnusable {
        create(path);
        Path real = path.toRealPath();
        if (!OPEN_HERE.add(real)) {
            throw new JournalUnusable(path + " is open in this process");
        }
        try {
            return new JournalFolder(path, real, lock(path));
        } catch (IOException | JournalUnusable | RuntimeException e) {
            OPEN_HERE.remove(real);
            throw e;
        }
    }

    private static void create(Path path) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path each = path.toAbsolutePath().normalize();
                each != null && !Files.exists(each);
                each = each.getParent()) {
            missing.add(each);
        }
        Files.createDirectories(path.resolve("segments"));
        Files.createDirectories(path.resolve("quarantine"));
        for (Path each : missing) {
            SegmentFolder.forceDirectory(each.resolveSibling("."));
        }
    }

    private static FileChannel lock(Path path) throws IOException, JournalUnusable {
        FileChannel channel =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new JournalUnusable(path + " is open in another process");
        }
        return channel;
    }

    /** The id of the journal: the one the folder carries, or {@code id} for a new one. */
    void identify(JournalId id) throws IOException, JournalUnusable {
        Path file = path.resolve("journal.properties");
        if (Files.exists(file)) {
            Properties known = new Properties();
            try (InputStream in = Files.newInputStream(file)) {
                known.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new JournalUnusable(file + " cannot be read: " + e.getMessage());
            }
            if (!FORMAT.equals(known.getProperty("format"))) {
                throw new JournalUnusable(file + " has format " + known.getProperty("format") + ", not " + FORMAT);
            }
            JournalId found = id(known.getProperty("id", ""));
            if (!found.equals(id)) {
                throw new JournalUnusable(path + " is journal " + found + ", not " + id);
            }
            return;
        }
        Path draft = path.resolve("journal.properties.draft");
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            channel.write(StandardCharsets.UTF_8.encode("format=" + FORMAT + "\nid=" + id + "\n"));
            channel.force(true);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        SegmentFolder.forceDirectory(path);
    }

    Path path() {
        return path;
    }

    Path segments() {
        return path.resolve("segments");
    }

    Path spares() {
        return path.resolve("spares");
    }

    Path quarantine() {
        return path.resolve("quarantine");
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
        OPEN_HERE.remove(real);
    }

    private JournalId id(String text) throws JournalUnusable {
        try {
            return new JournalId(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            throw new JournalUnusable(path + " has no valid id in its journal.properties: \"" + text + "\"");
        }
    }
}
