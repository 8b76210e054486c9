package io.tidemark.replica;

/** How much of a VM a replica has in common with the site that ships it, up to a record. */
public sealed interface Shared {

    /** Not everything is here yet. */
    record NotYet(boolean connected) implements Shared {}

    /** Everything is here; the checksum is that of the record. */
    record UpTo(int checksum) implements Shared {}

    /** That will never be known. The reason is for people. */
    record Unknown(String reason) implements Shared {}
}
