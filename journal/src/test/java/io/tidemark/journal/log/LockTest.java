package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal is open once, whoever tries. */
class LockTest {

    @TempDir
    Path temporary;

    /** Opens the journal in the folder it is given, says how that went, and ends. */
    static final class OpeningProcess {
        private OpeningProcess() {}

        public static void main(String[] arguments) throws Exception {
            try {
                TestJournal.open(Path.of(arguments[0])).leave();
                System.out.print("opened");
            } catch (JournalUnusable e) {
                System.out.print(e.getMessage());
            }
            System.exit(0);
        }
    }

    @Test
    void aSecondOpenerIsRefusedInThisProcessAndInAnother() throws Exception {
        Path folder = temporary.resolve("journal");
        TestJournal journal = TestJournal.open(folder);

        // When, Then: the refusal in this process must not cost the lock
        assertThatThrownBy(() -> TestJournal.open(folder))
                .isInstanceOf(JournalUnusable.class)
                .hasMessageContaining("open in this process");
        assertThatThrownBy(() -> TestJournal.open(temporary.resolve("./journal")))
                .isInstanceOf(JournalUnusable.class);
        assertThat(opened(folder)).contains("open in another process");

        journal.leave();
        assertThat(opened(folder)).isEqualTo("opened");
        TestJournal.open(folder).leave();
    }

    private static String opened(Path folder) throws Exception {
        Process process = ChildProcess.start(OpeningProcess.class, folder.toString());
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
