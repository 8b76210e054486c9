package io.tidemark.nbd;

import java.util.Random;
import java.util.stream.LongStream;

/**
 * The tries of a property test: many seeded histories, or the one that failed.
 *
 * <p>A failure names the command that runs its history again, with {@code -Dseed}. At night, {@code -Dtries} asks for
 * more.
 */
public final class Seeds {
    private static final long TRIES = Long.getLong("tries", 1000);

    private Seeds() {}

    /** A history made from a source of randomness. */
    @FunctionalInterface
    public interface History {
        void run(Random random) throws Exception;
    }

    /** Runs a history once for each seed. */
    public static void forAll(Class<?> properties, History history) {
        Long only = Long.getLong("seed");
        LongStream seeds = only == null ? LongStream.range(0, TRIES) : LongStream.of(only);
        seeds.forEach(seed -> {
            try {
                history.run(new Random(seed));
            } catch (Exception | AssertionError failure) {
                String again = "./mvnw -pl nbd test -Dtest=%s -Dseed=%d".formatted(properties.getSimpleName(), seed);
                throw new AssertionError("again with: " + again, failure);
            }
        });
    }
}
