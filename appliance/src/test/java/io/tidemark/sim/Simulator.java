package io.tidemark.sim;

import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs simulations by their seeds; one that fails is run again to be told. */
final class Simulator {

    static final long FIRST = Long.getLong("simulator.first", 0);
    static final long SEEDS = Long.getLong("simulator.seeds", 1000);
    static final int STEPS = Integer.getInteger("simulator.steps", 3000);
    private static final int LINES_TOLD = Integer.getInteger("simulator.lines", 120);
    private static final Logger LOG = LoggerFactory.getLogger(Simulator.class);

    private Simulator() {}

    /** Runs one; a number that is the same when the same has happened. */
    static long run(long seed, int steps) {
        return trace(seed, steps).number();
    }

    /** Runs one; what has happened. */
    static Trace trace(long seed, int steps) {
        Trace trace = new Trace(false);
        try {
            new Simulation(seed, steps, trace).run();
            return trace;
        } catch (IOException | RuntimeException | Error failure) {
            throw new AssertionError(
                    "again with: make simulate SEED=" + seed + " STEPS=" + steps + "\n" + tell(seed, steps) + "\n"
                            + failure,
                    failure);
        }
    }

    private static String tell(long seed, int steps) {
        Trace trace = new Trace(true);
        try {
            new Simulation(seed, steps, trace).run();
            LOG.error("seed {} fails, and does not when it is run again", seed);
        } catch (IOException | RuntimeException | Error failure) {
            LOG.debug("as before: {}", failure.toString());
        }
        List<String> lines = trace.lines();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()));
    }
}
