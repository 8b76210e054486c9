package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.DiskModel;
import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.View;
import io.tidemark.journal.log.CrashPoint.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Opens a journal after a crash and holds it to what was written: the records are a prefix, with all that was durable; a
 * cursor, the marks and views agree with them; it takes more; and all of it again after the next crash, be it in the middle of
 * the recovery.
 */
final class CrashCheck {

    private final CrashHistory history;
    private final Path folder;
    private final Random random;
    private int refusals;
    private int losses;

    /** @param folder for copies of the journal */
    CrashCheck(CrashHistory history, Path folder, Random random) {
        this.history = history;
        this.folder = folder;
        this.random = random;
    }

    /** How many points were refused. */
    int refusals() {
        return refusals;
    }

    /** After how many points the last record was not there. */
    int losses() {
        return losses;
    }

    /** @param thoroughly go on with the journal, and crash again, in the recovery too */
    void check(CrashPoint point, boolean thoroughly) throws Exception {
        Path journal = folder.resolve("crashed");
        Folders.copy(history.files(), journal);
        point.damage().to(journal);
        Path damaged = folder.resolve("damaged");
        if (thoroughly) {
            Folders.copy(journal, damaged);
        }
        NavigableMap<Long, Entry> recovered = new TreeMap<>();
        try {
            recovered.putAll(recover(journal, point.name()));
        } catch (JournalUnusable refused) {
            assertThat(point.promise()).as("%s: %s", point.name(), refused).isEqualTo(Promise.INVENTS_NOTHING);
            refusals++;
            return;
        }
        long last = recovered.isEmpty() ? 0 : recovered.lastKey();
        if (point.promise() == Promise.KEEPS_WHAT_IS_DURABLE) {
            assertThat(last)
                    .as(point.name())
                    .isGreaterThanOrEqualTo(history.durable().number());
        }
        losses += history.written().lastKey() > last ? 1 : 0;
        if (thoroughly) {
            crashWhileRecovering(damaged, journal, recovered, point.name());
            goOn(journal, recovered, point.name());
        }
    }

    /** Opens the journal and closes it without a change: its records, which are as they were written. */
    private NavigableMap<Long, Entry> recover(Path journal, String what) throws Exception {
        TestJournal opened = history.open(journal);
        NavigableMap<Long, Entry> recovered = read(opened, what);
        long trimmed = opened.journal.trimmed().number();
        assertThat(recovered).as(what).isEqualTo(history.written().subMap(trimmed, false, last(recovered), true));
        if (!recovered.isEmpty()) {
            assertThat(trimmed)
                    .as(what)
                    .isLessThanOrEqualTo(
                            Math.max(history.free().number(), history.written().firstKey() - 1));
        }
        checkViews(opened, recovered, history.written(), what);
        opened.leave();
        return recovered;
    }

    /** Everything a cursor delivers, which is contiguous and all there is. */
    private static NavigableMap<Long, Entry> read(TestJournal opened, String what) {
        NavigableMap<Long, Entry> records = new TreeMap<>();
        long expected = opened.journal.trimmed().number();
        for (JournalRecord record : opened.read()) {
            expected++;
            assertThat(record.sequence().number()).as(what).isEqualTo(expected);
            records.put(expected, record.entry());
        }
        assertThat(opened.journal.appended().number()).as(what).isEqualTo(expected);
        assertThat(opened.journal.durable()).as(what).isEqualTo(opened.journal.appended());
        return records;
    }

    private void checkViews(
            TestJournal opened, NavigableMap<Long, Entry> recovered, NavigableMap<Long, Entry> all, String what) {
        List<Entry> marks = new ArrayList<>();
        Sequence last = opened.journal.appended();
        opened.journal.marks(opened.journal.trimmed(), last, (Mark mark) -> marks.add(mark.entry()));
        assertThat(marks)
                .as(what)
                .isEqualTo(recovered.values().stream()
                        .filter(Entry.Control.class::isInstance)
                        .toList());
        checkView(opened, opened.journal.latest(), last.number(), all, what);
        if (!recovered.isEmpty()) {
            long at = recovered.firstKey() + random.nextInt(recovered.size());
            checkView(opened, opened.journal.at(new Sequence(at)), at, all, what);
        }
    }

    /** A view over what the disks held at the beginning of the journal shows them as they were at {@code at}. */
    private static void checkView(TestJournal opened, View view, long at, NavigableMap<Long, Entry> all, String what) {
        for (int i = 0; i < CrashHistory.DISKS; i++) {
            StreamId stream = Entries.stream(i);
            long trimmed = opened.journal.trimmed().number();
            DiskModel disk = new DiskModel(CrashHistory.DISK_BYTES);
            apply(all.headMap(trimmed, true), stream, disk);
            byte[] seen = disk.overlaidBy(view, stream, new Sequence(trimmed));
            apply(all.subMap(trimmed, false, at, true), stream, disk);
            assertThat(seen).as("%s: disk %d at %d", what, i, at).isEqualTo(disk.bytes());
        }
    }

    private static void apply(NavigableMap<Long, Entry> entries, StreamId stream, DiskModel disk) {
        for (Entry entry : entries.values()) {
            if (entry instanceof Entry.Data data && data.stream().equals(stream)) {
                disk.apply(data);
            }
        }
    }

    /** Some files are as the recovery leaves them, the others as the crash did; the next recovery finds the same. */
    private void crashWhileRecovering(Path damaged, Path done, NavigableMap<Long, Entry> recovered, String what)
            throws Exception {
        TreeSet<String> files = new TreeSet<>(files(damaged));
        files.addAll(files(done));
        Path mixed = folder.resolve("mixed");
        Folders.delete(mixed);
        Files.createDirectories(mixed);
        for (String each : files) {
            Path from = (random.nextBoolean() ? damaged : done).resolve(each);
            if (Files.exists(from)) {
                Files.createDirectories(mixed.resolve(each).getParent());
                Files.copy(from, mixed.resolve(each));
            }
        }
        assertThat(recover(mixed, what + ", crashed while recovering")).isEqualTo(recovered);
    }

    /** Appends, is killed, and once more. */
    private void goOn(Path journal, NavigableMap<Long, Entry> recovered, String what) throws Exception {
        NavigableMap<Long, Entry> expected = new TreeMap<>(history.written().headMap(last(recovered), true));
        Path at = journal;
        for (int life = 0; life < 2; life++) {
            TestJournal opened = history.open(at);
            for (int i = 0; i < 3; i++) {
                append(opened, Entries.write(Entries.stream(i), 512L * life, 512, life), expected);
            }
            opened.force();
            assertThat(opened.journal.durable()).as(what).isEqualTo(opened.journal.appended());
            append(opened, Entries.flush(Entries.stream(0)), expected);
            Path next = folder.resolve("life" + life);
            Folders.copy(at, next);
            opened.leave();
            at = next;
        }
        TestJournal opened = history.open(at);
        NavigableMap<Long, Entry> found = read(opened, what);
        assertThat(found)
                .as(what)
                .isEqualTo(expected.tailMap(opened.journal.trimmed().number(), false));
        checkViews(opened, found, expected, what);
        opened.leave();
    }

    private void append(TestJournal opened, Entry entry, NavigableMap<Long, Entry> expected) throws Exception {
        Sequence next = opened.journal.appended().next();
        if (history.kind() == JournalIdentity.Kind.REPLICA) {
            opened.append(CrashHistory.range(List.of(new JournalRecord(next, 0, entry))));
            expected.put(next.number(), entry);
            return;
        }
        Sequence at = opened.append(entry);
        if (at.isAfter(next)) {
            expected.put(next.number(), new Entry.Opened(opened.journal.incarnation(), TestJournal.BOOT));
        }
        expected.put(at.number(), entry);
    }

    private static long last(NavigableMap<Long, Entry> records) {
        return records.isEmpty() ? 0 : records.lastKey();
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile)
                    .map(each -> folder.relativize(each).toString())
                    .toList();
        }
    }
}
