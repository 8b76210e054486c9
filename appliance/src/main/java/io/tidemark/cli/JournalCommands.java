package io.tidemark.cli;

import io.tidemark.journal.dump.JournalDump;
import java.io.PrintStream;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Journals on this machine's disks, looked at without an appliance. */
@Command(
        name = "journal",
        description = "Look at a journal on a disk of this machine.",
        synopsisSubcommandLabel = "COMMAND")
final class JournalCommands {

    private final PrintStream out;
    private final PrintStream err;

    JournalCommands(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Command(
            name = "dump",
            description = "Print and verify a journal. Changes nothing, and may run beside the appliance.",
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:all is whole", "1:something is damaged, or missing", "2:there is no journal to look at"})
    int dump(
            @Parameters(paramLabel = "FOLDER", description = "In a data directory: journal..., or one in replicas/.")
                    Path folder,
            @Option(names = "--verify", description = "Print no records, only what is wrong.") boolean verify) {
        return JournalDump.run(folder, verify, out, err);
    }
}
