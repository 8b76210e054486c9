package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.state.FolderFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PossibleLossTest {

    @TempDir
    Path folder;

    @Test
    void aStartIsToldWhatTheJournalTellsWhenNothingElseIsKnown() throws IOException {
        for (LifeBefore before : new LifeBefore[] {LifeBefore.ENDED_CLEANLY, LifeBefore.PROCESS_DIED}) {
            assertThat(loss().lifeBefore(before)).isEqualTo(before);
        }
    }

    /** The start that noticed died before its records were there. */
    @Test
    void theDeathOfTheMachineIsNewsUntilItIsTold() throws IOException {
        PossibleLoss noticed = loss();
        assertThat(noticed.lifeBefore(LifeBefore.MACHINE_DIED)).isEqualTo(LifeBefore.MACHINE_DIED);

        // When: the next sees the death of a process, or even an end in good order
        assertThat(loss().lifeBefore(LifeBefore.PROCESS_DIED)).isEqualTo(LifeBefore.MACHINE_DIED);
        PossibleLoss next = loss();
        assertThat(next.lifeBefore(LifeBefore.ENDED_CLEANLY)).isEqualTo(LifeBefore.MACHINE_DIED);
        next.told();

        // Then
        assertThat(loss().lifeBefore(LifeBefore.PROCESS_DIED)).isEqualTo(LifeBefore.PROCESS_DIED);
    }

    @Test
    void whatIsLostMeanwhileIsStillToBeTold() throws IOException {
        PossibleLoss loss = loss();
        loss.lifeBefore(LifeBefore.MACHINE_DIED);

        // When
        loss.journalFailed();
        loss.told();

        // Then
        assertThat(loss().lifeBefore(LifeBefore.PROCESS_DIED)).isEqualTo(LifeBefore.MACHINE_DIED);
    }

    private PossibleLoss loss() {
        return new PossibleLoss(new FolderFiles(folder));
    }
}
