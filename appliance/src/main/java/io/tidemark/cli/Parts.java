package io.tidemark.cli;

import java.io.PrintStream;
import java.util.random.RandomGenerator;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands that stand on something of the process; picocli makes all others. */
final class Parts implements IFactory {

    private final PrintStream out;
    private final PrintStream err;
    private final RandomGenerator random;

    Parts(PrintStream out, PrintStream err, RandomGenerator random) {
        this.out = out;
        this.err = err;
        this.random = random;
    }

    @Override
    public <K> K create(Class<K> type) throws Exception {
        if (type == TokenCommand.class) {
            return type.cast(new TokenCommand(random));
        }
        if (type == JournalCommands.class) {
            return type.cast(new JournalCommands(out, err));
        }
        return CommandLine.defaultFactory().create(type);
    }
}
