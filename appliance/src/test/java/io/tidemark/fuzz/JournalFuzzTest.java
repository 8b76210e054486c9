package io.tidemark.fuzz;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Piece;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.View;
import io.tidemark.journal.dump.JournalDump;
import io.tidemark.journal.log.Folders;
import io.tidemark.journal.log.JournalUnusable;
import io.tidemark.journal.log.QuickFolder;
import io.tidemark.journal.log.TestJournal;
import io.tidemark.nbd.fuzz.Inputs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Journals with damaged files: what is delivered is a run of records as they were written, one behind the other; what is not
 * is refused by name. Nobody hangs, and no wrong record is delivered (I2).
 */
@SuppressWarnings("NullAway.Init") // recorded before each test
class JournalFuzzTest {

    private static final long FEW = 120;
    private static final long COSTS = 20;

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    private RecordedJournal source;
    private RecordedJournal replica;

    @BeforeEach
    void record() throws Exception {
        source = RecordedJournal.ofSource(temporary);
        replica = RecordedJournal.ofReplica(temporary, source);
    }

    @Test
    void aFewDamagedJournalsAreReadOrRefused() {
        Inputs.few(JournalFuzzTest.class, FEW, this::damaged);
    }

    @Test
    @Tag("fuzz")
    void damagedJournalsAreReadOrRefused() {
        Inputs.asked(JournalFuzzTest.class, COSTS, this::damaged);
    }

    private void damaged(Random random) throws Exception {
        RecordedJournal recorded = random.nextBoolean() ? source : replica;
        Path folder = temporary.resolve("damaged");
        Folders.copy(recorded.files(), folder);
        boolean forged = new JournalDamage(folder, random).run();
        dump(folder);

        Optional<TestJournal> opened = open(recorded, folder);
        if (opened.isEmpty()) {
            return;
        }
        TestJournal journal = opened.get();
        long read = read(recorded, journal, forged);
        ask(journal, random);
        journal.leave();
        if (random.nextInt(4) == 0) {
            goOn(recorded, folder, read, forged);
        }
    }

    /** It was brought in order: another life finds the same, and takes more behind it. */
    private static void goOn(RecordedJournal recorded, Path folder, long read, boolean forged) throws Exception {
        Optional<TestJournal> again = open(recorded, folder);
        assertThat(again).isPresent();
        assertThat(read(recorded, again.get(), forged)).isEqualTo(read);
        if (!recorded.isReplicas() && !forged) {
            Sequence at = again.get().append(flush(stream(0)));
            assertThat(again.get().force()).isEqualTo(at);
        }
        again.get().leave();
    }

    private static Optional<TestJournal> open(RecordedJournal recorded, Path folder) {
        try {
            return Optional.of(recorded.isReplicas() ? TestJournal.openReplica(folder) : TestJournal.open(folder));
        } catch (JournalUnusable | IOException | Fault refused) {
            assertThat(refused.getMessage()).containsAnyOf(folder.toString(), "segment ");
            return Optional.empty();
        }
    }

    /** How many records there are, up to one that cannot be read. */
    private static long read(RecordedJournal recorded, TestJournal journal, boolean forged) {
        Sequence before = journal.journal.trimmed();
        long count = 0;
        try (Cursor cursor = journal.journal.cursor(before)) {
            for (Optional<Batch> batch = cursor.next(1 << 16); batch.isPresent(); batch = cursor.next(1 << 16)) {
                for (int i = 0; i < batch.get().records().size(); i++) {
                    Sequence at = batch.get().records().get(i).sequence();
                    assertThat(at.follows(before))
                            .as("%s behind %s", at, before)
                            .isTrue();
                    if (!forged) {
                        ByteBuffer image = batch.get().images().get(i);
                        assertThat(image)
                                .as("record %s", at)
                                .isEqualTo(recorded.images().get(at));
                    }
                    before = at;
                    count++;
                }
                batch.get().lease().close();
            }
        } catch (Fault unreadable) {
            assertThat(unreadable.getMessage()).isNotBlank();
        }
        return count;
    }

    /** Whatever else is asked of a journal. */
    private static void ask(TestJournal journal, Random random) {
        Sequence trimmed = journal.journal.trimmed();
        Sequence durable = journal.journal.durable();
        long records = durable.recordsSince(trimmed);
        faultAtMost(() -> journal.journal.marks(trimmed, durable, mark -> {}));
        faultAtMost(journal.journal::tails);
        faultAtMost(() -> journal.journal.parts(trimmed, durable, (last, bytes) -> {}));
        for (int i = 0; i < RecordedJournal.STREAMS && records > 0; i++) {
            int number = i;
            Sequence at = new Sequence(trimmed.number() + 1 + random.nextLong(records));
            faultAtMost(() -> journal.journal.checksum(at));
            faultAtMost(() -> journal.journal.touched(stream(number), trimmed, durable, extent -> {}));
            faultAtMost(() -> resolve(journal.journal.latest(), number));
            faultAtMost(() -> resolve(journal.journal.at(at), number));
        }
    }

    private static void resolve(View view, int number) {
        try (Resolved resolved =
                view.resolve(stream(number), new Extent(0, RecordedJournal.DISK_BYTES), Sequence.NONE)) {
            long next = 0;
            for (Piece piece : resolved.pieces()) {
                assertThat(piece.extent().offset()).isEqualTo(next);
                next = piece.extent().end();
            }
            assertThat(next).isEqualTo(RecordedJournal.DISK_BYTES);
        }
    }

    private static void faultAtMost(Runnable question) {
        try {
            question.run();
        } catch (Fault clear) {
            assertThat(clear.getMessage()).isNotBlank();
        }
    }

    private static void dump(Path folder) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, false, StandardCharsets.UTF_8);
        assertThat(JournalDump.run(folder, false, out, out))
                .isIn(JournalDump.WHOLE, JournalDump.DAMAGED, JournalDump.UNUSABLE);
        out.flush();
        assertThat(said.toString(StandardCharsets.UTF_8)).isNotBlank();
    }
}
