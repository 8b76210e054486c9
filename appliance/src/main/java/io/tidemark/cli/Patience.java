package io.tidemark.cli;

/** The pace of commands that follow something. */
final class Patience {

    private static final long LOOK_MILLIS = 1000;

    private Patience() {}

    static void untilNextLook() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed(Exit.NO_ANSWER, "it was interrupted; what was asked for goes on");
        }
    }
}
