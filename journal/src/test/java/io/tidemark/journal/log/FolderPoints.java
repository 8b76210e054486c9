package io.tidemark.journal.log;

import io.tidemark.journal.log.CrashPoint.Damage;
import io.tidemark.journal.log.CrashPoint.Promise;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Crash points between files: segments half made, half sealed, half deleted, and what else may be missing or left over. */
final class FolderPoints {

    private static final int PAGE = 4096;
    private static final int HEADER_BYTES = 600;

    private final CrashHistory history;
    private final List<SegmentFolder> segments;
    private final List<CrashPoint> points = new ArrayList<>();

    FolderPoints(CrashHistory history) throws IOException {
        this.history = history;
        this.segments = SegmentFolder.list(history.files().resolve("segments")).stream()
                .map(each -> new SegmentFolder(history.files().relativize(each.path()), each.number()))
                .toList();
    }

    List<CrashPoint> all() throws IOException {
        keeps("as it is", journal -> {});
        for (SegmentTail tail : history.tails()) {
            if (tail.isUsed()) {
                lost(tail);
            } else {
                halfMade(tail);
            }
        }
        nextHalfMade();
        for (SegmentFolder segment : segments) {
            keeps(segment, "no metadata", folder -> Files.deleteIfExists(metadata(folder)));
            keeps(segment, "empty metadata", folder -> Files.write(metadata(folder), new byte[0]));
            keeps(segment, "other metadata", folder -> Files.write(metadata(folder), new byte[PAGE]));
            if (Files.exists(at(history.files(), segment).indexFile())) {
                halfSealed(segment);
            }
        }
        halfDeleted();
        others();
        return points;
    }

    private void lost(SegmentTail tail) {
        SegmentFolder segment = tail.folder();
        invents(segment, "its folder is gone", SegmentFolder::delete);
        invents(segment, "its file is gone", folder -> Files.delete(folder.cycleFile()));
        invents(segment, "its file is empty", folder -> Files.write(folder.cycleFile(), new byte[0]));
        keeps(segment, "half an index", folder -> Files.write(draft(folder), new byte[PAGE]));
        invents(segment, "another's number", folder -> {
            byte[] bytes = tail.now().clone();
            System.arraycopy(history.recycled(), 0, bytes, 0, Math.min(history.recycled().length, PAGE));
            Files.write(folder.cycleFile(), bytes);
        });
    }

    /** A segment that was being prepared: Chronicle writes its headers, then all is forced, then the folder's entries. */
    private void halfMade(SegmentTail tail) {
        SegmentFolder segment = tail.folder();
        byte[] whole = tail.now();
        keeps(segment, "not there", SegmentFolder::delete);
        keeps(segment, "no file", folder -> Files.delete(folder.cycleFile()));
        keeps(segment, "an empty folder", folder -> {
            Files.delete(folder.cycleFile());
            Files.delete(metadata(folder));
        });
        keeps(segment, "zeroes", folder -> Files.write(folder.cycleFile(), new byte[whole.length]));
        for (int end = 0; end < tail.end() + PAGE; end += end < HEADER_BYTES ? 1 : 512) {
            int length = end;
            keeps(
                    segment,
                    "made up to byte " + end,
                    folder ->
                            Files.write(folder.cycleFile(), Arrays.copyOf(Arrays.copyOf(whole, length), whole.length)));
            keeps(
                    segment,
                    "made to a length of " + end,
                    folder -> Files.write(folder.cycleFile(), Arrays.copyOf(whole, length)));
        }
        for (int at = 0; at < tail.end(); at += PAGE) {
            int page = at;
            keeps(segment, "made without the page at " + at, folder -> {
                byte[] bytes = whole.clone();
                Arrays.fill(bytes, page, page + PAGE, (byte) 0);
                Files.write(folder.cycleFile(), bytes);
            });
        }
        invents(
                segment,
                "of a deleted one, not zeroed",
                folder -> Files.write(folder.cycleFile(), Arrays.copyOf(history.recycled(), whole.length)));
    }

    private void nextHalfMade() {
        long next = segments.isEmpty() ? 1 : segments.getLast().number() + 1;
        keeps("next folder made", journal -> Files.createDirectory(next(journal, next)));
        keeps("next file empty", journal -> {
            Files.createDirectory(next(journal, next));
            Files.write(SegmentFolder.in(journal.resolve("segments"), next).cycleFile(), new byte[0]);
        });
        keeps("next file zeroes", journal -> {
            Files.createDirectory(next(journal, next));
            Files.write(SegmentFolder.in(journal.resolve("segments"), next).cycleFile(), new byte[PAGE]);
        });
    }

    private void halfSealed(SegmentFolder segment) throws IOException {
        byte[] index = Files.readAllBytes(at(history.files(), segment).indexFile());
        byte[] file = Files.readAllBytes(at(history.files(), segment).cycleFile());
        byte[] uncut = Arrays.copyOf(file, file.length + 100_000);
        keeps(segment, "no index", folder -> Files.delete(folder.indexFile()));
        keeps(segment, "no index, not cut", folder -> {
            Files.delete(folder.indexFile());
            Files.write(folder.cycleFile(), uncut);
        });
        keeps(segment, "not cut", folder -> Files.write(folder.cycleFile(), uncut));
        keeps(segment, "index empty", folder -> Files.write(folder.indexFile(), new byte[0]));
        for (int end : List.of(1, 50, 95, 96, 100, index.length / 2, index.length - 1)) {
            keeps(segment, "index cut at " + end, folder -> Files.write(folder.indexFile(), Arrays.copyOf(index, end)));
            keeps(segment, "draft of the index cut at " + end, folder -> {
                Files.delete(folder.indexFile());
                Files.write(draft(folder), Arrays.copyOf(index, end));
                Files.write(folder.cycleFile(), uncut);
            });
        }
        for (int at = 0; at < 96; at += 8) {
            int where = at;
            keeps(segment, "index changed at " + at, folder -> {
                byte[] changed = index.clone();
                changed[where] ^= 0x10;
                Files.write(folder.indexFile(), changed);
            });
        }
    }

    /** Segments that nobody needed; the second goes when the first has gone. */
    private void halfDeleted() throws IOException {
        List<SegmentFolder> free = new ArrayList<>();
        for (SegmentFolder each : segments) {
            if (history.isFree(at(history.files(), each))) {
                free.add(each);
            }
        }
        for (int i = 0; i < free.size(); i++) {
            SegmentFolder segment = free.get(i);
            List<SegmentFolder> before = free.subList(0, i);
            deleted(before, segment, "moved to the spares", folder -> moveToSpares(folder));
            deleted(before, segment, "deleted", SegmentFolder::delete);
            deleted(before, segment, "without index", folder -> Files.delete(folder.indexFile()));
            deleted(before, segment, "without file", folder -> Files.delete(folder.cycleFile()));
            deleted(before, segment, "without index and file", folder -> {
                Files.delete(folder.indexFile());
                Files.delete(folder.cycleFile());
            });
        }
    }

    private void deleted(List<SegmentFolder> before, SegmentFolder segment, String what, OfSegment change) {
        keeps("segment " + segment.number() + " on its way out, " + what, journal -> {
            for (SegmentFolder each : before) {
                at(journal, each).delete();
            }
            change.to(at(journal, segment));
        });
    }

    private void others() {
        for (String gone : List.of("journal.properties", "lock", "quarantine", "spares")) {
            keeps("no " + gone, journal -> Folders.delete(journal.resolve(gone)));
        }
        keeps("journal.properties was being written", journal -> {
            Files.delete(journal.resolve("journal.properties"));
            Files.writeString(journal.resolve("journal.properties.draft"), "form");
        });
        invents("journal.properties is empty", journal -> Files.writeString(journal.resolve("journal.properties"), ""));
        keeps("a spare was about to become a segment", journal -> {
            Files.createDirectories(journal.resolve("spares"));
            Files.write(journal.resolve("spares/next"), history.recycled());
        });
        keeps(
                "a spare without its file",
                journal -> Files.createDirectories(journal.resolve("spares").resolve("0000000000000001")));
    }

    private void keeps(String name, Damage damage) {
        points.add(new CrashPoint(name, Promise.KEEPS_WHAT_IS_DURABLE, damage));
    }

    private void invents(String name, Damage damage) {
        points.add(new CrashPoint(name, Promise.INVENTS_NOTHING, damage));
    }

    private void keeps(SegmentFolder segment, String what, OfSegment change) {
        keeps("segment " + segment.number() + ", " + what, journal -> change.to(at(journal, segment)));
    }

    private void invents(SegmentFolder segment, String what, OfSegment change) {
        invents("segment " + segment.number() + ", " + what, journal -> change.to(at(journal, segment)));
    }

    private static void moveToSpares(SegmentFolder folder) throws IOException {
        Path spares = folder.path().resolveSibling("../spares");
        Files.createDirectories(spares);
        Files.move(folder.path(), spares.resolve(folder.path().getFileName()));
    }

    private static SegmentFolder at(Path journal, SegmentFolder segment) {
        return new SegmentFolder(journal.resolve(segment.path()), segment.number());
    }

    private static Path next(Path journal, long number) {
        return SegmentFolder.in(journal.resolve("segments"), number).path();
    }

    private static Path metadata(SegmentFolder folder) {
        return folder.path().resolve("metadata.cq4t");
    }

    private static Path draft(SegmentFolder folder) {
        return folder.path().resolve("index.draft");
    }

    private interface OfSegment {

        void to(SegmentFolder folder) throws IOException;
    }
}
