package io.tidemark.intake;

/**
 * One connection to a disk, as the owner sees it.
 *
 * <pre>
 *   READER --a change or a flush--> SOURCE --another connection becomes the source--> FORMER_SOURCE
 *   FORMER_SOURCE --a change or a flush--> SOURCE
 * </pre>
 */
final class Attachment {

    private Role role = Role.READER;

    private enum Role {
        /** It has asked for no change yet. */
        READER,
        /** The changes of the disk come from here. */
        SOURCE,
        /** The source has come back on another connection, and the end of this one has not been noticed. */
        FORMER_SOURCE
    }

    /** The connection has asked for a change or a flush. */
    void becomesSource() {
        role = Role.SOURCE;
    }

    /** The source is on another connection now; what may be missing because of that is on record. */
    void isReplaced() {
        role = Role.FORMER_SOURCE;
    }

    boolean isReader() {
        return role == Role.READER;
    }

    boolean isSource() {
        return role == Role.SOURCE;
    }

    boolean isFormerSource() {
        return role == Role.FORMER_SOURCE;
    }
}
