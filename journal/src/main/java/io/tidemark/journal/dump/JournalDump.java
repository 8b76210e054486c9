package io.tidemark.journal.dump;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code journal dump}: prints the records of a journal, one a line, and verifies all of its folder.
 *
 * <p>Changes nothing and keeps no lock, so it may run beside the process that has the journal open. What it then prints is
 * every record that was appended before it came to the end of its segment. Not for use in that process itself.
 */
public final class JournalDump {

    /** All that is there is whole. */
    public static final int WHOLE = 0;

    /** Something is damaged, or missing. */
    public static final int DAMAGED = 1;

    /** There is no journal to look at. */
    public static final int UNUSABLE = 2;

    /** The folder is no journal, or cannot be read. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message);
        }
    }

    private final Path folder;
    private final boolean verifyOnly;
    private final PrintStream out;
    private final Findings findings;

    private JournalDump(Path folder, boolean verifyOnly, PrintStream out) {
        this.folder = folder;
        this.verifyOnly = verifyOnly;
        this.out = out;
        this.findings = new Findings(out);
    }

    /**
     * Runs the command; returns its exit code.
     *
     * @param verifyOnly whether to print what is wrong, and no records
     */
    public static int run(Path folder, boolean verifyOnly, PrintStream out, PrintStream err) {
        try {
            return new JournalDump(folder, verifyOnly, out).dump();
        } catch (Unusable e) {
            err.println("tidemark: " + e.getMessage());
            return UNUSABLE;
        } catch (IOException e) {
            err.println("tidemark: " + folder + " cannot be read: " + e);
            return UNUSABLE;
        }
    }

    private int dump() throws IOException, Unusable {
        JournalId id = identify();
        boolean open = isOpen();
        out.println("journal " + id + " in " + folder);
        out.println(
                open ? "a process has it open: what is being appended now is not looked at" : "no process has it open");
        if (!verifyOnly) {
            out.println(RecordLine.HEADER);
        }
        List<SegmentFolder> segments = SegmentFolder.list(folder.resolve("segments"));
        int looked = 0;
        boolean goOn = true;
        while (goOn && looked < segments.size()) {
            SegmentFolder next = looked + 1 < segments.size() ? segments.get(looked + 1) : null;
            goOn = dump(segments.get(looked), next, id, open);
            looked++;
        }
        sayQuarantined();
        out.println(findings.verdict(looked));
        return findings.areGood() ? WHOLE : DAMAGED;
    }

    /** Dumps a segment; false when what is behind it is later than this dump. */
    private boolean dump(SegmentFolder segment, @Nullable SegmentFolder next, JournalId id, boolean open) {
        try {
            return new SegmentDump(segment, id, findings, out, record -> {
                        if (!verifyOnly) {
                            out.println(RecordLine.of(record));
                        }
                    })
                    .run(open, () -> next != null && SegmentDump.hasBegun(next));
        } catch (NoSuchFileException e) {
            if (open) {
                out.println("segment " + segment.number() + ": deleted meanwhile, or not ready yet");
                findings.skipped();
            } else {
                findings.unreadable("segment " + segment.number() + ": " + e.getMessage() + " is missing");
            }
        } catch (IOException e) {
            findings.unreadable("segment " + segment.number() + " cannot be read: " + e);
        }
        return true;
    }

    private JournalId identify() throws IOException, Unusable {
        if (!Files.isDirectory(folder)) {
            throw new Unusable(folder + (Files.exists(folder) ? " is not a folder" : " does not exist"));
        }
        Path file = folder.resolve("journal.properties");
        if (!Files.exists(file) || !Files.isDirectory(folder.resolve("segments"))) {
            throw new Unusable(folder + " is not a journal: it has no journal.properties beside a folder \"segments\"");
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        } catch (IllegalArgumentException e) {
            throw new Unusable(file + " cannot be read: " + e.getMessage());
        }
        try {
            return new JournalId(UUID.fromString(properties.getProperty("id", "")));
        } catch (IllegalArgumentException e) {
            throw new Unusable(file + " names no journal: id \"" + properties.getProperty("id", "") + "\"");
        }
    }

    /** Whether a process holds the lock. It is looked at and left as it is. */
    private boolean isOpen() throws IOException {
        Path lock = folder.resolve("lock");
        if (!Files.exists(lock)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.READ);
                FileLock taken = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return taken == null;
        }
    }

    private void sayQuarantined() throws IOException {
        Path quarantine = folder.resolve("quarantine");
        if (!Files.isDirectory(quarantine)) {
            return;
        }
        try (Stream<Path> items = Files.list(quarantine)) {
            for (Path item : items.sorted().toList()) {
                out.println("set aside by an earlier recovery: " + item);
            }
        }
    }
}
