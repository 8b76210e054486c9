package io.tidemark.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.tidemark.access.Tokens;
import io.tidemark.journal.dump.JournalDump;
import java.security.SecureRandom;
import java.util.List;

/** The program: runs the appliance until it is told to stop, or one command that needs no appliance. */
@QuarkusMain
public final class Main {

    private static final int UNUSABLE = 2;
    private static final List<String> JOURNAL_DUMP = List.of("journal", "dump");

    private Main() {}

    public static void main(String[] arguments) {
        List<String> words = List.of(arguments);
        if (!words.isEmpty() && words.getFirst().equals("token")) {
            System.exit(makeToken(words.subList(1, words.size())));
        } else if (words.isEmpty() || !words.getFirst().equals("journal")) {
            Quarkus.run(arguments);
        } else if (words.size() >= 2 && words.subList(0, 2).equals(JOURNAL_DUMP)) {
            System.exit(JournalDump.run(words.subList(2, words.size()), System.out, System.err));
        } else {
            System.err.println(JournalDump.USAGE);
            System.exit(JournalDump.UNUSABLE);
        }
    }

    /** The token on standard output, for its holder; on standard error what to do with the line behind it. */
    private static int makeToken(List<String> words) {
        if (words.size() != 2) {
            System.err.println("usage: tidemark token NAME viewer|operator|admin");
            return UNUSABLE;
        }
        try {
            Tokens.Made made = Tokens.make(words.get(0), words.get(1), new SecureRandom());
            System.out.println(made.token());
            System.err.println(
                    "That is the token, which is kept nowhere. Add this line to the file of tidemark.rest.tokens-file:");
            System.err.println(made.line());
            return 0;
        } catch (IllegalArgumentException e) {
            System.err.println(
                    "the name has other characters than letters, digits and ._@- or the role is not viewer, operator or admin");
            return UNUSABLE;
        }
    }
}
