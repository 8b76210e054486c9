package io.tidemark.boot;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The program: runs the appliance until it is told to stop. */
@QuarkusMain
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        Quarkus.run(arguments);
    }
}
