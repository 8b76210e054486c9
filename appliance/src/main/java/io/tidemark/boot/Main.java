package io.tidemark.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.tidemark.cli.Tidemark;
import java.security.SecureRandom;

/** The program: runs the appliance until it is told to stop, or one command that needs none in this process. */
@QuarkusMain
public final class Main {

    private Main() {}

    public static void main(String[] words) {
        if (words.length == 0) {
            Quarkus.run();
        } else {
            System.exit(Tidemark.run(words, new SecureRandom(), System.out, System.err));
        }
    }
}
