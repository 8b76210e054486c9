package io.tidemark.journal.log;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.segment.SegmentFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the journal does when the disk does not do what it must. */
class FailingDiskTest {

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    private final FaultySegments disk = new FaultySegments();

    @Test
    void aFailedForceIsFinal() throws Exception {
        TestJournal journal = open();
        journal.append(write(stream(0), 0, 512, 1));
        Sequence durable = journal.force();
        Sequence lost = journal.append(write(stream(0), 0, 512, 2));
        List<String> told = new ArrayList<>();
        journal.journal.whenDurable(lost, () -> told.add("durable"));
        journal.journal.onFault(fault -> told.add("fault"));

        // When: the next force fails, and those after it would succeed
        disk.failForce(new IOException("Input/output error"));
        journal.forcer.run();
        disk.repair();
        journal.force();
        journal.force();

        // Then
        assertThat(journal.journal.durable()).isEqualTo(durable);
        assertThat(told).containsExactly("fault");
        assertThat(journal.journal.fault()).get().satisfies(fault -> assertThat(fault)
                .hasMessageContaining("force up to record " + lost)
                .hasRootCauseMessage("Input/output error"));
        assertThatThrownBy(() -> journal.journal.append(flush(stream(0)))).isInstanceOf(Fault.class);
        assertThatThrownBy(() -> journal.journal.whenDurable(lost, () -> told.add("late")))
                .isInstanceOf(Fault.class);
        assertThatThrownBy(() -> journal.journal.cursor(Sequence.NONE)).isInstanceOf(Fault.class);
        journal.journal.onFault(fault -> told.add("late fault"));
        assertThat(told).containsExactly("fault", "late fault");
        journal.close();
    }

    /** The force fails on a thread of its own: the owner may not have heard of it yet. */
    @Test
    void whoWaitsForWhatAForceHasLostIsToldOnce() throws Exception {
        TestJournal journal = open();
        List<String> told = new ArrayList<>();
        journal.journal.onFault(fault -> told.add("fault"));
        Sequence lost = journal.append(write(stream(0), 0, 512, 1));
        disk.failForce(new IOException("Input/output error"));
        journal.forcer.tick();
        assertThat(journal.journal.fault()).isPresent();

        // When
        journal.journal.whenDurable(lost, () -> told.add("durable"));
        journal.owner.runWaiting();

        // Then
        assertThat(told).containsExactly("fault");
        journal.close();
    }

    @Test
    void aForceThatThrowsAnythingElseIsFinalToo() throws Exception {
        TestJournal journal = open();
        journal.append(flush(stream(0)));
        disk.failForce(new InternalError("a fault occurred in an unsafe memory access operation"));

        journal.force();

        assertThat(journal.journal.fault()).isPresent();
        journal.close();
    }

    /** What it shows may be in the page cache only, and taken for clean there: no force brings it to the disk. */
    @Test
    void aSegmentThatIsNotSealedIsWrittenAgainBeforeItIsReliedOn() throws Exception {
        TestJournal journal = open();
        Sequence last = journal.append(write(stream(0), 0, 512, 1));
        journal.close();
        SegmentFolder segment =
                SegmentFolder.list(temporary.resolve("journal/segments")).getFirst();
        Files.delete(segment.indexFile());
        byte[] shown = Files.readAllBytes(segment.cycleFile());
        Files.setLastModifiedTime(segment.cycleFile(), FileTime.fromMillis(0));

        // When
        TestJournal again = open();

        // Then
        assertThat(again.journal.durable()).isGreaterThan(last);
        assertThat(Files.getLastModifiedTime(segment.cycleFile())).isGreaterThan(FileTime.fromMillis(0));
        assertThat(Files.readAllBytes(segment.cycleFile())).isEqualTo(shown);
        again.leave();
    }

    @Test
    void aForceThatFailsWhileClosingIsSaidAndTheLockIsGivenBack() throws Exception {
        TestJournal journal = open();
        journal.append(flush(stream(0)));
        disk.failForce(new IOException("Input/output error"));

        assertThatThrownBy(journal::close).isInstanceOf(Fault.class).hasRootCauseMessage("Input/output error");

        disk.repair();
        TestJournal again = open();
        assertThat(again.journal.previousLife().orElseThrow().last()).isGreaterThanOrEqualTo(new Sequence(2));
        again.leave();
    }

    @Test
    void aFullDiskBehindTheMappingIsFinal() throws Exception {
        TestJournal journal = open();
        Sequence last = journal.append(flush(stream(0)));
        disk.failAppend(new InternalError("a fault occurred in an unsafe memory access operation"));

        assertThatThrownBy(() -> journal.journal.append(flush(stream(0))))
                .isInstanceOf(Fault.class)
                .hasRootCauseInstanceOf(InternalError.class);

        disk.repair();
        assertThatThrownBy(() -> journal.journal.append(flush(stream(0)))).isInstanceOf(Fault.class);
        assertThat(journal.journal.appended()).isEqualTo(last);
        journal.close();
    }

    @Test
    void anAppendThatBreaksInTheMiddleIsFinal() throws Exception {
        TestJournal journal = open();
        journal.append(flush(stream(0)));
        disk.failAppend(new IllegalStateException("whatever a library may throw"));

        assertThatThrownBy(() -> journal.journal.append(flush(stream(0)))).isInstanceOf(Fault.class);

        assertThat(journal.journal.fault()).isPresent();
        journal.close();
    }

    @Test
    void aPageThatCannotBeReadIsAFaultBehindWhatCan() throws Exception {
        Path folder = temporary.resolve("journal");
        TestJournal first = open();
        for (int i = 0; i < 20; i++) {
            first.append(write(stream(0), 0, 8192, i));
        }
        first.close();
        TestJournal journal = open();
        for (int i = 0; i < 1000; i++) {
            journal.read(); // until it is compiled: a checksum in compiled code would be the end of the process
        }
        Path file = SegmentFolder.list(folder.resolve("segments")).getFirst().cycleFile();
        long size = Files.size(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size / 2);
        }
        Cursor cursor = journal.journal.cursor(Sequence.NONE);

        Sequence readable = cursor.next(1 << 20).orElseThrow().last();

        assertThat(readable).isGreaterThan(new Sequence(5));
        assertThatThrownBy(() -> cursor.next(1 << 20))
                .isInstanceOf(Fault.class)
                .hasMessageContaining("record " + readable.next() + " cannot be read");
        assertThatThrownBy(() -> journal.journal.checksum(readable.next().next()))
                .isInstanceOf(Fault.class);
        journal.leave();
    }

    @Test
    void aSegmentThatCannotBePreparedIsALimitAndTriedAgain() throws Exception {
        for (Throwable trouble : List.of(new IOException("No space left on device"), new InternalError("SIGBUS"))) {
            disk.failCreate(trouble);
            TestJournal journal = open();
            journal.keeper.run();
            assertThat(journal.journal.append(flush(stream(0))))
                    .isEqualTo(new AppendOutcome.Full(AppendOutcome.Limit.RESERVE));
            List<String> told = new ArrayList<>();
            journal.journal.whenRoom(() -> told.add("room"));
            journal.keeper.run();
            assertThat(told).isEmpty();

            // When
            disk.repair();
            journal.keeper.tick();
            journal.owner.runWaiting();

            // Then
            assertThat(told).containsExactly("room");
            assertThat(journal.journal.append(flush(stream(0)))).isInstanceOf(AppendOutcome.Appended.class);
            journal.close();
        }
    }

    @Test
    void whoAsksForRoomThatIsThereIsTold() throws Exception {
        TestJournal journal = open();
        journal.keeper.run();
        journal.owner.runWaiting();
        List<String> told = new ArrayList<>();

        journal.journal.whenRoom(() -> told.add("room"));
        journal.owner.runWaiting();

        assertThat(told).containsExactly("room");
        journal.leave();
    }

    @Test
    void freeSegmentsAreDeletedThoughOthersCannotBeSealed() throws Exception {
        Path segments = temporary.resolve("journal/segments");
        TestJournal first = open();
        Sequence old = first.append(write(stream(0), 0, 4096, 1));
        first.close();
        TestJournal journal = open();
        Hold hold = journal.journal.hold("reader", Sequence.NONE);
        while (SegmentFolder.list(segments).size() < 4) {
            journal.append(write(stream(0), 0, 100_000, 1));
        }
        SegmentFolder full = SegmentFolder.list(segments).get(1);
        Files.createDirectory(full.path().resolve("index.draft")); // no index can be written
        while (journal.journal.usage().segments() < 3) {
            journal.append(write(stream(0), 0, 100_000, 1));
        }
        journal.force();
        journal.keeper.run();
        assertThat(full.indexFile()).doesNotExist();

        // When
        hold.advance(old.next());
        journal.keeper.run();

        // Then
        assertThat(SegmentFolder.list(segments).getFirst()).isEqualTo(full);
        Files.delete(full.path().resolve("index.draft"));
        journal.keeper.tick();
        assertThat(full.indexFile()).exists();
        journal.close();
    }

    private TestJournal open() throws IOException, JournalUnusable {
        return TestJournal.open(temporary.resolve("journal"), TestJournal.SMALL, disk);
    }
}
