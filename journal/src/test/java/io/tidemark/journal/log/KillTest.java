package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills -9 of a process that appends: all it acknowledged is there, and the next one goes on behind it. */
@Tag("kill")
class KillTest {

    private static final int KILLS = 20;

    @TempDir
    Path temporary;

    /** What the processes said, all of them together. */
    private static final class Said {
        long journaled;
        long released;
        long opened;
    }

    @Test
    void everythingAcknowledgedSurvivesEveryKill() throws Exception {
        Path folder = temporary.resolve("journal");
        Random random = new Random(8);
        Said said = new Said();
        for (int kill = 0; kill < KILLS; kill++) {
            long before = said.journaled;

            // When
            runAndKill(folder, kill, 20 + random.nextInt(1000), said);

            // Then
            assertThat(said.opened).as("kill %d", kill).isGreaterThanOrEqualTo(before);
            assertThat(said.journaled).as("kill %d", kill).isGreaterThan(said.opened);
            if (kill % 4 == 3) {
                check(folder, said);
            }
        }
        check(folder, said);
    }

    /** Lets a process acknowledge so many records, and takes all it said before it died. */
    private static void runAndKill(Path folder, int seed, int records, Said said) throws Exception {
        Process process = ChildProcess.start(AppendingProcess.class, folder.toString(), Integer.toString(seed));
        int acknowledged = 0;
        try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ", -1);
                if (words.length < 2 || words[1].isEmpty()) {
                    continue;
                }
                long number = Long.parseLong(words[1]);
                switch (words[0]) {
                    case "opened" -> said.opened = number;
                    case "journaled" -> {
                        said.journaled = number;
                        acknowledged++;
                    }
                    case "released" -> said.released = number;
                    default -> {}
                }
                if (acknowledged == records) {
                    process.toHandle().destroyForcibly(); // not the process itself: that would close the pipe
                }
            }
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor()).isEqualTo(128 + 9);
        }
    }

    private static void check(Path folder, Said said) throws Exception {
        TestJournal journal = TestJournal.open(folder);
        List<JournalRecord> records = journal.read();
        assertThat(journal.journal.durable().number()).isGreaterThanOrEqualTo(said.journaled);
        assertThat(journal.journal.trimmed().number()).isLessThanOrEqualTo(said.released);
        assertThat(records).hasSize((int)
                (journal.journal.durable().number() - journal.journal.trimmed().number()));
        Sequence expected = journal.journal.trimmed().next();
        for (JournalRecord record : records) {
            assertThat(record.sequence()).isEqualTo(expected);
            if (!(record.entry() instanceof Entry.Opened)) {
                assertThat(record.entry()).isEqualTo(AppendingProcess.entry(expected));
            }
            expected = expected.next();
        }
        journal.leave();
        assertThat(damaged(folder))
                .as("a kill tears nothing but the record that was being written")
                .isLessThanOrEqualTo(KILLS);
    }

    private static long damaged(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve("quarantine"))) {
            return entries.count();
        }
    }
}
