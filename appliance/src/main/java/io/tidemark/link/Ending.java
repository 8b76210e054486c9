package io.tidemark.link;

/** Why a session is over. There is exactly one for each session, on each side. */
public sealed interface Ending {

    /** We closed it, in good order. */
    record Closed() implements Ending {}

    /** The other side closed it, in good order. */
    record PeerClosed() implements Ending {}

    /** We ended it, and told the other side why. */
    record Refused(ErrorCode code, String message) implements Ending {}

    /** The other side ended it, and told us why. */
    record PeerRefused(ErrorCode code, String message) implements Ending {}

    /** A newer session of the same journal has begun. */
    record Superseded() implements Ending {}

    /** Its keys have encrypted as much as they should: dial again at once. */
    record KeysSpent() implements Ending {}

    /** A connection could not be made, broke, or fell silent. */
    record Lost(String what) implements Ending {}
}
