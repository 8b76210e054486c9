package io.tidemark.intake;

/** One connection to a disk, as the owner sees it. */
final class Attachment {

    private boolean changedSomething;

    /** The connection has asked for a change or a flush: it is a source's, not a reader's. */
    void changes() {
        changedSomething = true;
    }

    boolean hasChangedSomething() {
        return changedSomething;
    }
}
