package io.tidemark.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.tidemark.journal.dump.JournalDump;
import java.util.List;

/** The program: runs the appliance until it is told to stop, or one command that needs no appliance. */
@QuarkusMain
public final class Main {

    private static final List<String> JOURNAL_DUMP = List.of("journal", "dump");

    private Main() {}

    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        if (words.isEmpty() || !words.getFirst().equals("journal")) {
            Quarkus.run(arguments);
        } else if (words.size() >= 2 && words.subList(0, 2).equals(JOURNAL_DUMP)) {
            System.exit(JournalDump.run(words.subList(2, words.size()), System.out, System.err));
        } else {
            System.err.println(JournalDump.USAGE);
            System.exit(JournalDump.UNUSABLE);
        }
    }
}
