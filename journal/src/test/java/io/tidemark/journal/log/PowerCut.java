package io.tidemark.journal.log;

import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/**
 * A disk whose power can be cut: it knows what of each segment was forced, and what each 4 KiB page held at some moments
 * since. After a cut a page holds any of these, whatever the others hold.
 *
 * <p>Files that this does not follow, and segments that are sealed, were forced when they were written and are as they are.
 */
final class PowerCut implements SegmentWriter.Factory {

    private static final int PAGE = 4096;

    /** What a page may hold after a cut. */
    enum Loss {
        /** Nothing that was not forced. */
        ALL,
        /** All but a few pages made it. */
        FEW,
        /** Any. */
        ANY,
        /** Nothing was lost: a kill of the process. */
        NONE
    }

    /** What each page of a segment may hold after a cut; the first image is what was forced. */
    private record Versions(SegmentFolder folder, List<byte[]> images) {}

    private final SegmentWriter.Factory real = new ChronicleSegments();
    private final Map<Long, Versions> bySegment = new TreeMap<>();

    @Override
    public SegmentWriter create(SegmentFolder folder, SegmentHeader header, long capacity, Optional<Path> spare)
            throws IOException {
        SegmentWriter writer = real.create(folder, header, capacity, spare);
        forced(folder);
        return new Followed(writer, folder);
    }

    @Override
    public long bytesOnDisk(long capacity) {
        return real.bytesOnDisk(capacity);
    }

    @Override
    public int documentBytesMax(long capacity) {
        return real.documentBytesMax(capacity);
    }

    /** The kernel may write back any page now. */
    void writeBack() throws IOException {
        for (Versions each : bySegment.values()) {
            if (isOpen(each.folder)) {
                each.images.add(read(each.folder));
            }
        }
    }

    /** What a segment's file held when it was last forced, and at the moments since. */
    List<byte[]> images(SegmentFolder segment) {
        Versions versions = bySegment.get(segment.number());
        return versions == null ? List.of() : List.copyOf(versions.images);
    }

    /** Makes a copy of the journal as the power leaves it. */
    void cut(Path journal, Path copy, Random random) throws IOException {
        Loss loss = Loss.values()[random.nextInt(Loss.values().length)];
        cut(journal, copy, random, loss);
    }

    void cut(Path journal, Path copy, Random random, Loss loss) throws IOException {
        Folders.copy(journal, copy);
        for (SegmentFolder segment : SegmentFolder.list(copy.resolve("segments"))) {
            Versions versions = bySegment.get(segment.number());
            if (versions != null && isOpen(segment)) {
                Files.write(segment.cycleFile(), afterCut(versions.images, read(segment), loss, random));
            }
        }
    }

    private static byte[] afterCut(List<byte[]> images, byte[] now, Loss loss, Random random) {
        byte[] left = now.clone();
        for (int at = 0; at < left.length; at += PAGE) {
            boolean keep =
                    switch (loss) {
                        case ALL -> false;
                        case FEW -> random.nextInt(20) != 0;
                        case ANY -> random.nextBoolean();
                        case NONE -> true;
                    };
            if (!keep) {
                byte[] older = images.get(loss == Loss.ALL ? 0 : random.nextInt(images.size()));
                int length = Math.min(PAGE, left.length - at);
                System.arraycopy(older, at, left, at, Math.min(length, Math.max(0, older.length - at)));
            }
        }
        return left;
    }

    private void forced(SegmentFolder folder) throws IOException {
        Versions versions = new Versions(folder, new ArrayList<>());
        versions.images.add(read(folder));
        bySegment.put(folder.number(), versions);
    }

    private static boolean isOpen(SegmentFolder folder) {
        return Files.exists(folder.cycleFile()) && !Files.exists(folder.indexFile());
    }

    private static byte[] read(SegmentFolder folder) throws IOException {
        return Files.readAllBytes(folder.cycleFile());
    }

    private final class Followed implements SegmentWriter {

        private final SegmentWriter writer;
        private final SegmentFolder folder;

        Followed(SegmentWriter writer, SegmentFolder folder) {
            this.writer = writer;
            this.folder = folder;
        }

        @Override
        public long append(ByteBuffer head, ByteBuffer body) {
            return writer.append(head, body);
        }

        @Override
        public long end() {
            return writer.end();
        }

        @Override
        public boolean hasRoom(long bytes) {
            return writer.hasRoom(bytes);
        }

        @Override
        public void force() {
            try {
                forced(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            writer.close();
        }
    }
}
