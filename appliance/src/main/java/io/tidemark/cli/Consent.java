package io.tidemark.cli;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The yes that a command wants which destroys something, or changes which site is the source. */
final class Consent {

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask. Without it you are asked, and without a terminal it is not done.")
    private boolean yes;

    /** Returns if there is a yes. */
    void require(String consequence) {
        if (yes) {
            return;
        }
        Optional<Console> person = Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (person.isEmpty()) {
            throw new Failed(Exit.NOT_CONFIRMED, consequence + "; nobody can be asked here: repeat it with --yes");
        }
        @Nullable String said = person.get().readLine("%s. Go on? [y/N] ", Text.printable(consequence));
        if (said == null || !said.strip().toLowerCase(Locale.ROOT).matches("y|yes")) {
            throw new Failed(Exit.NOT_CONFIRMED, "nothing was done");
        }
    }
}
