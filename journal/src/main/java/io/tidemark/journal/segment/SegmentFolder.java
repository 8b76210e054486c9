package io.tidemark.journal.segment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a segment's files are: docs/journal.md, section 1. */
public record SegmentFolder(Path path, long number) {

    private static final int NAME_DIGITS = 16;

    public static SegmentFolder in(Path segments, long number) {
        return new SegmentFolder(segments.resolve(("%0" + NAME_DIGITS + "d").formatted(number)), number);
    }

    /** The segments there are, by number. */
    public static List<SegmentFolder> list(Path segments) throws IOException {
        try (Stream<Path> entries = Files.list(segments)) {
            return entries.filter(entry -> entry.getFileName().toString().matches("[0-9]{" + NAME_DIGITS + "}"))
                    .map(entry -> new SegmentFolder(
                            entry, Long.parseLong(entry.getFileName().toString())))
                    .sorted(Comparator.comparingLong(SegmentFolder::number))
                    .toList();
        }
    }

    /** The file that holds the documents. */
    public Path cycleFile() {
        return path.resolve("19700101-00F.cq4");
    }

    public Path indexFile() {
        return path.resolve("index");
    }

    /** Bytes of all files of the segment. */
    public long bytes() throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    /**
     * Removes the segment. The index goes first, so that a crash in the middle leaves a segment that is not taken for a
     * complete one.
     */
    public void delete() throws IOException {
        Files.deleteIfExists(indexFile());
        try (Stream<Path> files = Files.list(path)) {
            files.forEach(SegmentFolder::deleteFile);
        }
        Files.delete(path);
    }

    /** Makes the entries of a directory durable. */
    public static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteFile(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
