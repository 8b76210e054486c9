package io.tidemark.journal.log;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.UUID;

/** The folder of a journal, locked while it is open: docs/journal.md, section 1. */
final class JournalFolder implements AutoCloseable {

    private static final String FORMAT = "1";

    private final Path path;
    private final FileChannel lockChannel;

    private JournalFolder(Path path, FileChannel lockChannel) {
        this.path = path;
        this.lockChannel = lockChannel;
    }

    /** Creates the folder if it is not there, and takes its lock. */
    static JournalFolder open(Path path) throws IOException, JournalUnusable {
        Files.createDirectories(path.resolve("segments"));
        Files.createDirectories(path.resolve("quarantine"));
        FileChannel channel =
                FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (!isLocked(channel)) {
            channel.close();
            throw new JournalUnusable(path + " is open in another process");
        }
        return new JournalFolder(path, channel);
    }

    /** The id of the journal: the one the folder carries, or {@code id} for a new one. */
    void identify(JournalId id) throws IOException, JournalUnusable {
        Path file = path.resolve("journal.properties");
        if (Files.exists(file)) {
            Properties known = new Properties();
            try (InputStream in = Files.newInputStream(file)) {
                known.load(in);
            }
            if (!FORMAT.equals(known.getProperty("format"))) {
                throw new JournalUnusable(path + " has format " + known.getProperty("format") + ", not " + FORMAT);
            }
            JournalId found = new JournalId(UUID.fromString(known.getProperty("id")));
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
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
