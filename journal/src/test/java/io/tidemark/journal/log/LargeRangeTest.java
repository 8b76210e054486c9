package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.journal.Entries;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.Records;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another site ships that is too large for the segments here is refused, and ends nothing. */
class LargeRangeTest {

    private static final int WRITE_BYTES = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void aRangeThatNoSegmentTakesLeavesTheJournalAsItWas() throws Exception {
        TestJournal replica = TestJournal.openReplica(folder.resolve("journal"));
        replica.keeper.run();

        assertThatThrownBy(() -> replica.journal.appendRange(writes(1, 80)))
                .isInstanceOf(InvalidRange.class)
                .hasMessageContaining("segments of this size take up to");

        assertThat(replica.journal.fault()).isEmpty();
        assertThat(replica.append(new Range(
                        new Sequence(1),
                        new Sequence(1),
                        1,
                        Records.body(
                                List.of(new JournalRecord(new Sequence(1), 1, Entries.flush(Entries.stream(1))))))))
                .isEqualTo(new Sequence(1));
        replica.close();
    }

    private static Range writes(long first, long last) {
        List<JournalRecord> records = LongStream.rangeClosed(first, last)
                .mapToObj(number -> new JournalRecord(
                        new Sequence(number), number, Entries.write(Entries.stream(1), 0, WRITE_BYTES / 16, 1)))
                .toList();
        return new Range(new Sequence(first), new Sequence(last), records.size(), Records.body(records));
    }
}
