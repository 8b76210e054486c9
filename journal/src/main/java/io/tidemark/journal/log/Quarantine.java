package io.tidemark.journal.log;

import io.tidemark.journal.segment.Pages;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where recovery puts what it could not read, for people: the newest {@value #ITEMS_MAX} finds are kept. */
final class Quarantine {

    static final int ITEMS_MAX = 16;

    private static final int STEP_BYTES = 1 << 20;
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[STEP_BYTES]);

    private final Path path;

    Quarantine(Path path) {
        this.path = path;
    }

    /** Whether there is nothing but zeroes from {@code from} on. */
    static boolean isBlank(MemorySegment bytes, long from) {
        return lastNonZero(bytes, from) == from;
    }

    /** Copies what is behind {@code from}, without the zeroes at its end. Durable on return. */
    void takeTail(SegmentFolder segment, MemorySegment bytes, long from) throws IOException {
        Path target = free(segment.path().getFileName() + "-tail-at-" + from);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer tail =
                    bytes.asSlice(from, lastNonZero(bytes, from) - from).asByteBuffer();
            while (tail.hasRemaining()) {
                channel.write(tail);
            }
            channel.force(true);
        }
        SegmentFolder.forceDirectory(path);
        dropOldest();
    }

    /** Moves a whole segment here. */
    void takeSegment(SegmentFolder segment) throws IOException {
        Files.move(segment.path(), free(segment.path().getFileName().toString()), StandardCopyOption.ATOMIC_MOVE);
        SegmentFolder.forceDirectory(path);
        SegmentFolder.forceDirectory(segment.path().resolveSibling("."));
        dropOldest();
    }

    private static long lastNonZero(MemorySegment bytes, long from) {
        long end = from;
        for (long at = from; at < bytes.byteSize(); at += STEP_BYTES) {
            long step = Math.min(STEP_BYTES, bytes.byteSize() - at);
            Pages.touch(bytes, at, step);
            MemorySegment part = bytes.asSlice(at, step);
            if (part.mismatch(ZEROES.asSlice(0, step)) >= 0) {
                end = at + step;
            }
        }
        return end;
    }

    private Path free(String name) {
        Path candidate = path.resolve(name);
        for (int i = 2; Files.exists(candidate); i++) {
            candidate = path.resolve(name + "-" + i);
        }
        return candidate;
    }

    private void dropOldest() throws IOException {
        List<Path> items;
        try (Stream<Path> entries = Files.list(path)) {
            items = entries.sorted(
                            Comparator.comparing((Path item) -> item.toFile().lastModified())
                                    .reversed())
                    .toList();
        }
        for (Path item : items.subList(Math.min(ITEMS_MAX, items.size()), items.size())) {
            try (Stream<Path> tree = Files.walk(item)) {
                for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
