package io.tidemark.system;

import java.util.Random;

/** What a run draws by lot, and the line that draws the same again, as far as processes can be made to. */
public final class Lot {

    private Lot() {}

    /** Draws as a system property says, or anew; tells which it is. */
    public static Random draw(String property) {
        long seed = Long.getLong(property, System.nanoTime());
        System.out.println("again with -D" + property + "=" + seed);
        return new Random(seed);
    }
}
