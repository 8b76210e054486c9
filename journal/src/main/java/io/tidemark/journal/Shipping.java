package io.tidemark.journal;

/** What becomes of a change of a disk on its way to the replica. The journal's owner decides when it appends the record. */
public enum Shipping {
    /** A client's change, which is shipped. */
    SHIPPED,
    /** A client's change that touches dirty blocks only: it is not shipped, since a copy of those blocks will be. */
    LEFT_OUT,
    /** A copy of what the volume holds already, made for the replica. */
    COPIED
}
