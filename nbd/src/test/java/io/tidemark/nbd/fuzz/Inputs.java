package io.tidemark.nbd.fuzz;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The inputs of a fuzz test, each made from its number: a few in the build, as many as asked for by {@code make fuzz}.
 *
 * <p>A failure names the command that makes its input again. An input that is not done in a minute hangs: then the process
 * says so and ends, since nothing else may be able to end it.
 */
public final class Inputs {
    private static final long FIRST = Long.getLong("fuzz.seed", 1);
    private static final long ASKED = Long.getLong("fuzz.inputs", 1_000_000);
    private static final long PATIENCE_SECONDS = 60;
    private static final int REPORTS = 20;
    private static final long SPREAD = 0x9E3779B97F4A7C15L; // neighbours should have nothing in common

    private final Class<?> test;
    private final AtomicLong now = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread thread = Thread.currentThread();

    private Inputs(Class<?> test) {
        this.test = test;
    }

    /** Makes an input from a source of randomness, and judges what becomes of it. */
    @FunctionalInterface
    public interface Input {
        void run(Random random) throws Exception;
    }

    /** Runs so many inputs, always the same. */
    public static void few(Class<?> test, long count, Input input) {
        new Inputs(test).run(1, count, false, input);
    }

    /**
     * Runs as many inputs as were asked for, reporting progress.
     *
     * @param costs how many inputs each of these counts as, since not all are equally cheap
     */
    public static void asked(Class<?> test, long costs, Input input) {
        new Inputs(test).run(FIRST, Math.max(1, ASKED / costs), true, input);
    }

    /** A source of randomness that depends on nothing but the number. */
    public static Random random(long number) {
        return new Random(number * SPREAD);
    }

    private void run(long first, long count, boolean reports, Input input) {
        now.set(first);
        Thread watch = Thread.ofPlatform().daemon().start(this::watch);
        try {
            for (long number = first; number < first + count; number++) {
                now.set(number);
                run(number, input);
                long ran = number - first + 1;
                if (reports && ran % Math.max(1, count / REPORTS) == 0) {
                    System.out.printf("%s: %d of %d inputs%n", test.getSimpleName(), ran, count);
                }
            }
        } finally {
            done.countDown();
            watch.interrupt();
        }
    }

    private void run(long number, Input input) {
        try {
            input.run(random(number));
        } catch (Exception | AssertionError failure) {
            throw new AssertionError("again with: " + again(number), failure);
        }
    }

    private void watch() {
        long seen = 0;
        try {
            while (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                if (now.get() == seen) {
                    System.out.println("HANGS, again with: " + again(seen));
                    for (StackTraceElement at : thread.getStackTrace()) {
                        System.out.println("    at " + at);
                    }
                    System.out.flush();
                    Runtime.getRuntime().halt(1);
                }
                seen = now.get();
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private String again(long number) {
        return "make fuzz ONLY=" + test.getSimpleName() + " SEED=" + number + " N=1";
    }
}
