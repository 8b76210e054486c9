package io.tidemark.journal.log;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Piece;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import io.tidemark.journal.dump.JournalDump;
import io.tidemark.journal.format.RecordEncoder;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal whose next sequences are the last there are. Nobody gets there by writing; a damaged disk may. */
class LastSequenceTest {

    private static final Entry.Write AT_THE_END = write(stream(0), Long.MAX_VALUE - 512, 512, 1);

    @TempDir(factory = QuickFolder.class)
    Path folder;

    @Test
    void theLastSequenceIsGivenAndNoneBehindIt() throws Exception {
        segment(Long.MAX_VALUE - 3, AT_THE_END, flush(stream(0)));

        TestJournal journal = TestJournal.open(folder);
        assertThat(journal.append(write(stream(0), 0, 512, 2))).isEqualTo(new Sequence(Long.MAX_VALUE));
        assertRefusesMore(journal);
        journal.close(false);

        // When, Then: nothing is lost by it, in this life and the next
        for (int life = 0; life < 2; life++) {
            TestJournal again = TestJournal.open(folder);
            assertThat(again.read())
                    .extracting(JournalRecord::sequence)
                    .containsExactly(
                            new Sequence(Long.MAX_VALUE - 3),
                            new Sequence(Long.MAX_VALUE - 2),
                            new Sequence(Long.MAX_VALUE - 1),
                            new Sequence(Long.MAX_VALUE));
            assertRefusesMore(again);
            again.leave();
        }
    }

    @Test
    void bytesAtTheLastOffsetAreFound() throws Exception {
        segment(Long.MAX_VALUE - 3, AT_THE_END);
        TestJournal journal = TestJournal.open(folder);

        try (Resolved resolved = journal.journal
                .at(new Sequence(Long.MAX_VALUE - 3))
                .resolve(stream(0), new Extent(Long.MAX_VALUE - 1024, 1024), Sequence.NONE)) {
            assertThat(resolved.pieces())
                    .extracting(Piece::extent)
                    .containsExactly(new Extent(Long.MAX_VALUE - 1024, 512), AT_THE_END.extent());
            assertThat(resolved.pieces().getLast()).isInstanceOf(Piece.Stored.class);
        }
        journal.leave();
    }

    @Test
    void whatClaimsToBeBehindTheLastEndsThePrefix() throws Exception {
        segment(Long.MAX_VALUE - 1, flush(stream(0)), flush(stream(0)));
        SegmentFolder next = SegmentFolder.in(folder.resolve("segments"), 2);
        try (SegmentWriter writer = create(next)) {
            append(writer, 1, flush(stream(0)));
        }
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        assertThat(JournalDump.run(folder, false, out, out)).isEqualTo(JournalDump.DAMAGED);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("record 1 follows record 9223372036854775807");

        TestJournal journal = TestJournal.open(folder);

        assertThat(journal.read()).hasSize(2);
        assertThat(folder.resolve("quarantine")).isNotEmptyDirectory();
        journal.leave();
    }

    private static void assertRefusesMore(TestJournal journal) {
        journal.keeper.run();
        journal.owner.runWaiting();
        assertThatThrownBy(() -> journal.journal.append(flush(stream(0))))
                .isInstanceOf(Fault.class)
                .hasStackTraceContaining("is the last there can be");
    }

    private void segment(long first, Entry... entries) throws Exception {
        Files.createDirectories(folder.resolve("segments"));
        Files.writeString(folder.resolve("journal.properties"), "format=1\nid=" + TestJournal.ID.id() + "\n");
        try (SegmentWriter writer = create(SegmentFolder.in(folder.resolve("segments"), 1))) {
            for (int i = 0; i < entries.length; i++) {
                append(writer, first + i, entries[i]);
            }
        }
    }

    private static SegmentWriter create(SegmentFolder segment) throws Exception {
        return new ChronicleSegments()
                .create(
                        segment,
                        new SegmentHeader(TestJournal.ID, segment.number(), new Incarnation(1), TestJournal.BOOT),
                        1 << 20,
                        Optional.empty());
    }

    private static void append(SegmentWriter writer, long sequence, Entry entry) {
        RecordEncoder encoder = new RecordEncoder();
        encoder.encode(new Sequence(sequence), 0, entry);
        writer.append(encoder.header(), encoder.payload());
    }
}
