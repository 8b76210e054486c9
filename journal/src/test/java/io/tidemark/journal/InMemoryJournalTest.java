package io.tidemark.journal;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class InMemoryJournalTest extends JournalContract {

    private InMemoryDisk disk = new InMemoryDisk();
    private int lives;

    @Override
    protected Journal open() {
        return open(Long.MAX_VALUE, false);
    }

    @Override
    protected Journal openReplica() {
        disk = new InMemoryDisk();
        return open(Long.MAX_VALUE, true);
    }

    /** The worst of kills: the power goes with the process. */
    @Override
    protected void kill() {
        memory().kill();
        disk.cutPower();
    }

    @Test
    void aPowerCutForgetsWhatWasNotForced() {
        Sequence durable = appendDurably(write(stream(0), 0, 512, 1));
        append(write(stream(0), 0, 512, 2));

        // When
        kill();
        journal = open();

        // Then
        assertThat(journal.appended()).isEqualTo(durable);
        assertThat(readAll(Sequence.NONE)).hasSize((int) durable.number());
    }

    @Test
    void aKillWithoutAPowerCutForgetsNothing() {
        Sequence last = append(write(stream(0), 0, 512, 2));

        memory().kill();
        journal = open();

        assertThat(journal.durable()).isEqualTo(last);
    }

    @Test
    void aFailedForceIsFinal() {
        List<String> told = new ArrayList<>();
        journal.onFault(fault -> told.add(fault.getMessage()));
        memory().failNextForce("Input/output error");
        Sequence last = append(flush(stream(0)));

        owner.until(() -> !told.isEmpty());

        assertThat(told).containsExactly("force up to record 1: Input/output error");
        assertThat(journal.durable()).isLessThan(last);
        assertThatThrownBy(() -> journal.append(flush(stream(0)))).isInstanceOf(Fault.class);
    }

    @Test
    void atItsQuotaItTakesControlRecordsOnly() {
        journal.close();
        journal = open(2000, false);
        while (journal.append(write(stream(0), 0, 512, 1)) instanceof AppendOutcome.Appended) {}

        assertThat(journal.append(write(stream(0), 0, 512, 1)))
                .isEqualTo(new AppendOutcome.Full(AppendOutcome.Limit.QUOTA));
        assertThat(journal.append(new Entry.Gap(stream(0), Sequence.NONE, "full")))
                .isInstanceOf(AppendOutcome.Appended.class);
    }

    private InMemoryJournal memory() {
        return (InMemoryJournal) journal;
    }

    private InMemoryJournal open(long quotaBytes, boolean replica) {
        return new InMemoryJournal(
                disk,
                new InMemoryJournal.Settings(
                        new JournalId(new UUID(1, 2)),
                        replica,
                        new Incarnation(++lives),
                        new UUID(3, 4),
                        Duration.ofMillis(1),
                        quotaBytes),
                owner,
                InstantSource.system());
    }
}
