package io.tidemark.journal.log;

import io.tidemark.journal.log.CrashPoint.Damage;
import io.tidemark.journal.log.CrashPoint.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;

/** Crash points within the file of a segment that was being written: any byte of its last records, any page, any header. */
final class CutPoints {

    private static final int PAGE = 4096;
    private static final int GARBAGE_BYTES = 600;
    private static final int LAST_HEADERS = 12;

    private final SegmentTail tail;
    private final byte[] recycled;
    private final byte[] garbage;
    private final List<CrashPoint> points = new ArrayList<>();

    /** @param recycled what the file of a deleted segment held */
    CutPoints(SegmentTail tail, byte[] recycled, Random random) {
        this.tail = tail;
        this.recycled = recycled;
        this.garbage = new byte[PAGE];
        random.nextBytes(garbage);
    }

    List<CrashPoint> all() {
        if (tail.isUsed()) {
            bytes();
            pages();
            headers();
        }
        return points;
    }

    /** What was not forced is there up to a byte, or from a byte on. */
    private void bytes() {
        byte[] forced = tail.forced();
        for (int at = tail.durableEnd(); at <= tail.end(); at++) {
            int cut = at;
            add("written up to byte " + at, cut, file -> put(file, forced, cut, tail.end()));
            add("written from byte " + at, cut, file -> put(file, forced, tail.durableEnd(), cut));
            add("cut at byte " + at, cut, file -> file.truncate(cut));
            add("garbage from byte " + at, cut, file -> file.write(ByteBuffer.wrap(garbage, 0, GARBAGE_BYTES), cut));
        }
        for (int at = PAGE; at < tail.durableEnd(); at += PAGE) {
            int cut = at;
            add("cut at byte " + at, cut, file -> file.truncate(cut));
        }
    }

    private void pages() {
        for (int at = 0; at < tail.end(); at += PAGE) {
            int page = at;
            for (int i = 0; i < tail.older().size(); i++) {
                byte[] older = tail.older().get(i);
                points.add(new CrashPoint(
                        name("page at " + page + " as in version " + i),
                        Promise.KEEPS_WHAT_IS_DURABLE,
                        change(file -> put(file, older, page, page + PAGE))));
            }
            add("page of zeroes at " + page, page, file -> file.write(ByteBuffer.allocate(PAGE), page));
            add("page of garbage at " + page, page, file -> file.write(ByteBuffer.wrap(garbage), page));
            if (page + PAGE <= recycled.length) {
                add("page of a deleted segment at " + page, page, file -> put(file, recycled, page, page + PAGE));
            }
        }
    }

    /** The four bytes in front of a document that only Chronicle knows. */
    private void headers() {
        List<Integer> starts = tail.starts();
        for (int at : starts.subList(Math.max(1, starts.size() - LAST_HEADERS), starts.size())) {
            int length = Integer.reverseBytes(ByteBuffer.wrap(tail.now()).getInt(at));
            for (int torn : new LinkedHashSet<>(List.of(
                    0,
                    length | 1 << 31,
                    1 << 31,
                    1 << 30,
                    length | 1 << 30,
                    length | 3 << 30,
                    -1,
                    length & 0xff,
                    length & 0xff00,
                    length + 4,
                    length - 4,
                    1 << 29))) {
                ByteBuffer header = ByteBuffer.allocate(4).putInt(0, Integer.reverseBytes(torn));
                add("header %x at %d".formatted(torn, at), at, file -> file.write(header.duplicate(), at));
            }
        }
    }

    /** Damage to bytes from {@code from} on, which is a broken promise of the disk's if they were forced. */
    private void add(String what, int from, Change change) {
        points.add(new CrashPoint(
                name(what),
                from >= tail.durableEnd() ? Promise.KEEPS_WHAT_IS_DURABLE : Promise.INVENTS_NOTHING,
                change(change)));
    }

    private String name(String what) {
        return "segment " + tail.folder().number() + ", " + what;
    }

    private Damage change(Change change) {
        return journal -> {
            try (FileChannel file = FileChannel.open(tail.in(journal).cycleFile(), StandardOpenOption.WRITE)) {
                change.make(file);
            }
        };
    }

    private static void put(FileChannel file, byte[] from, int begin, int end) throws IOException {
        int last = Math.min(end, from.length);
        if (begin < last) {
            file.write(ByteBuffer.wrap(from, begin, last - begin), begin);
        }
    }

    private interface Change {

        void make(FileChannel file) throws IOException;
    }
}
