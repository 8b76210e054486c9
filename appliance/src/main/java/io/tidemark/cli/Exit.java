package io.tidemark.cli;

/** How a command has ended, for scripts. The help tells them, too. */
final class Exit {

    static final int DONE = 0;

    /** The appliance refuses it in the state things are in, or has failed at it. */
    static final int REFUSED = 1;

    static final int USAGE = 2;
    static final int NO_ANSWER = 3;

    /** No token, one that nobody holds, or one whose holder may not do that. */
    static final int NOT_ALLOWED = 4;

    static final int NOT_FOUND = 5;

    /** It destroys something or changes who is the source, and nobody has said yes. */
    static final int NOT_CONFIRMED = 6;

    private Exit() {}
}
