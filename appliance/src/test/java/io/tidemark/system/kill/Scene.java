package io.tidemark.system.kill;

/** What the sites are at when a fault strikes. */
interface Scene {

    /** Returns in the midst of it. */
    void enter();

    /** All processes are up again: it has happened or it has not, and nothing in between. */
    void leave(Cell cell);
}
