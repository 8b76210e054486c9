package io.tidemark.access;

import java.util.Optional;

/** How REST is guarded. */
public sealed interface Access {

    /** Nobody has to say who he is, and everybody may do everything. */
    record Open() implements Access {}

    /** Whoever asks has to hold a token. */
    record ByToken(TokenFile tokens) implements Access {}

    /** Who somebody is that shows this token, or none; empty if he is nobody. */
    default Optional<Holder> holder(Optional<String> token) {
        return switch (this) {
            case Open open -> Optional.of(new Holder("anonymous", Role.ADMIN));
            case ByToken guarded -> token.flatMap(guarded.tokens()::find);
        };
    }
}
