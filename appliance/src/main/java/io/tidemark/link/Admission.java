package io.tidemark.link;

import io.tidemark.journal.Owner;

/** Whether a sender may ship a journal to this site. */
public sealed interface Admission {

    /** It may: {@code listener} is told of the session, on {@code owner}. */
    record Accept(Owner owner, DownlinkListener listener) implements Admission {}

    /** It may not, and is told why. */
    record Refuse(ErrorCode code, String message) implements Admission {}
}
