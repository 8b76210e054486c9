package io.tidemark.journal.log;

import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The files of deleted segments, some of which are written again: their blocks are allocated and their pages in memory,
 * which makes zero-filling one about three times as cheap as a new file. The keeper thread.
 *
 * <p>A segment leaves the journal by one rename, so that a crash leaves all of it or nothing. What stands here belongs
 * to no segment; it is removed at the next open.
 */
final class SpareFiles {

    private final JournalFolder folder;
    private final Path path;
    private final int max;
    private final Deque<SegmentFolder> spares = new ArrayDeque<>();

    private SpareFiles(JournalFolder folder, int max) {
        this.folder = folder;
        this.path = folder.spares();
        this.max = max;
    }

    /**
     * Removes what a previous life left.
     *
     * @param max files to keep
     */
    static SpareFiles open(JournalFolder folder, int max) throws IOException {
        Files.createDirectories(folder.spares());
        SpareFiles spares = new SpareFiles(folder, max);
        removeLeft(folder);
        return spares;
    }

    /** Removes what a previous life left, which makes room for what recovery has to write. */
    static void removeLeft(JournalFolder folder) throws IOException {
        if (!Files.exists(folder.spares())) {
            return;
        }
        for (SegmentFolder left : SegmentFolder.list(folder.spares())) {
            left.delete();
        }
        Files.deleteIfExists(folder.spares().resolve("next"));
    }

    /**
     * Takes a segment out of the journal. On return it is not among the segments any more, durably. Does nothing more when
     * it was taken out before.
     *
     * @param unmapped whether nobody maps its file, so that it may be written again
     */
    void retire(SegmentFolder segment, boolean unmapped) throws IOException {
        SegmentFolder here = SegmentFolder.in(path, segment.number());
        if (Files.exists(segment.path())) {
            Files.move(segment.path(), here.path(), StandardCopyOption.ATOMIC_MOVE);
        }
        SegmentFolder.forceDirectory(folder.segments());
        if (unmapped && spares.size() < max && Files.exists(here.cycleFile())) {
            spares.add(here);
        } else if (Files.exists(here.path())) {
            here.delete();
        }
    }

    /** A file to write again, if there is one. The caller moves it to its new place. */
    Optional<Path> take() throws IOException {
        SegmentFolder next = spares.poll();
        if (next == null) {
            return Optional.empty();
        }
        Path file = path.resolve("next");
        Files.move(next.cycleFile(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        next.delete();
        return Optional.of(file);
    }

    /** The bytes that the next spare file takes; 0 when there is none. */
    long nextBytes() throws IOException {
        SegmentFolder next = spares.peek();
        return next == null ? 0 : Files.size(next.cycleFile());
    }

    /** Removes them all: the journal is closed. */
    void clear() throws IOException {
        for (SegmentFolder next = spares.poll(); next != null; next = spares.poll()) {
            next.delete();
        }
        Files.deleteIfExists(path.resolve("next"));
    }
}
