package io.tidemark.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.random.RandomGenerator;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/** All commands. Without one the program is the appliance, and this is not asked. */
@Command(
        name = "tidemark",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = Tidemark.Version.class,
        description = {
            "Without a command: runs the appliance in the foreground. Its settings are in docs/operations.md.",
            "With one: does what is asked, mostly by asking an appliance over REST."
        },
        subcommands = {
            StatusCommand.class,
            VmCommands.class,
            DiskCommands.class,
            PeerCommands.class,
            GroupCommands.class,
            PointsCommand.class,
            PinCommands.class,
            DrillCommands.class,
            FailoverCommands.class,
            EventsCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            SizeCommand.class,
            TokenCommand.class,
            JournalCommands.class,
            GenerateCompletion.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the appliance refuses it in the state things are in, or has failed at it",
            "2:the command line is wrong",
            "3:no answer: nobody listens there, TLS fails, or it takes too long",
            "4:no token, or one that may not do this",
            "5:there is no such thing",
            "6:it wants a yes, and got none"
        },
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  TIDEMARK_URL         of the appliance, for --url",
            "  TIDEMARK_TOKEN_FILE  for --token-file",
            "  TIDEMARK_TOKEN       the token itself",
            "  TIDEMARK_CA_FILE     for --ca-file"
        })
public final class Tidemark {

    /** Of the program's jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"tidemark " + Tidemark.class.getPackage().getImplementationVersion()};
        }
    }

    private Tidemark() {}

    /**
     * Does what the words say; the exit code.
     *
     * @param random for tokens
     */
    public static int run(String[] words, RandomGenerator random, PrintStream out, PrintStream err) {
        return new CommandLine(new Tidemark(), new Parts(out, err, random))
                .setExecutionExceptionHandler((e, command, parsed) -> ended(e, out, err))
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(28)
                .setOut(new PrintWriter(out, true, out.charset()))
                .setErr(new PrintWriter(err, true, err.charset()))
                .execute(words);
    }

    private static int ended(Exception e, PrintStream out, PrintStream err) throws Exception {
        if (!(e instanceof Failed failed)) {
            throw e;
        }
        err.println("tidemark: " + Text.printable(String.valueOf(failed.getMessage())));
        if (!failed.body().isEmpty()) {
            out.println(failed.body());
        }
        return failed.exit();
    }
}
