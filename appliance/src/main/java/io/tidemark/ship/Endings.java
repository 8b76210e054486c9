package io.tidemark.ship;

import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import java.util.Optional;

/** What the end of a session means for the next one, and for people. */
final class Endings {

    private Endings() {}

    /** Why no session can be better until somebody does something about it, if that is so. */
    static Optional<ErrorCode> refusalForGood(Ending ending) {
        return ending instanceof Ending.Refused refused
                        && (refused.code() == ErrorCode.DIVERGED || refused.code() == ErrorCode.TRIMMED)
                ? Optional.of(refused.code())
                : Optional.empty();
    }

    /** What has happened; empty if it was meant to. */
    static String describe(Ending ending) {
        return switch (ending) {
            case Ending.Closed closed -> "";
            case Ending.PeerClosed closed -> "the peer is going away";
            case Ending.Refused refused -> refused.code() + ": " + refused.message();
            case Ending.PeerRefused refused -> "the peer refuses, " + refused.code() + ": " + refused.message();
            case Ending.Superseded superseded -> "another session has begun";
            case Ending.KeysSpent spent -> "";
            case Ending.Lost lost -> lost.what();
        };
    }
}
