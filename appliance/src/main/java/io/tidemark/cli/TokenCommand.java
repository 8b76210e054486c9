package io.tidemark.cli;

import io.tidemark.access.Tokens;
import java.io.PrintWriter;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The token on standard output, for its holder; on standard error what to do with the line behind it. */
@Command(
        name = "token",
        description =
                "Make a token for REST. It is kept nowhere: the line with its hash is for the file of tidemark.rest.tokens-file.")
final class TokenCommand implements Runnable {

    private final RandomGenerator random;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", description = "Who will hold it, for the audit log: letters, digits and ._@-")
    private String name = "";

    @Parameters(paramLabel = "ROLE", description = "viewer, operator or admin")
    private String role = "";

    TokenCommand(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public void run() {
        try {
            Tokens.Made made = Tokens.make(name, role, random);
            PrintWriter err = spec.commandLine().getErr();
            spec.commandLine().getOut().println(made.token());
            err.println(
                    "That is the token, which is kept nowhere. Add this line to the file of tidemark.rest.tokens-file:");
            err.println(made.line());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    "the name has other characters than letters, digits and ._@- or the role is not viewer, operator or admin",
                    e);
        }
    }
}
