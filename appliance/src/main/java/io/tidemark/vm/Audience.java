package io.tidemark.vm;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** For whom an export is meant. */
public sealed interface Audience {

    /** Whoever comes in at all. */
    record Anyone() implements Audience {}

    /** Clients that prove that they are called one of these. */
    record Named(List<ClientName> names) implements Audience {

        public static final int NAMES_MAX = 64;

        public Named {
            names = List.copyOf(new LinkedHashSet<>(names));
            if (names.isEmpty() || names.size() > NAMES_MAX) {
                throw new IllegalArgumentException("1 to " + NAMES_MAX + " clients are named, not " + names.size());
            }
        }
    }

    /** How {@link Anyone} is written. */
    String ANYONE = "anyone";

    /** Reads what {@link #texts} says. */
    static Audience of(List<String> texts) {
        return texts.equals(List.of(ANYONE))
                ? new Anyone()
                : new Named(texts.stream().map(ClientName::new).toList());
    }

    default List<String> texts() {
        return switch (this) {
            case Anyone anyone -> List.of(ANYONE);
            case Named named -> named.names().stream().map(ClientName::text).toList();
        };
    }

    /** Whether it is meant for a client that has proved to be called all of these. */
    default boolean admits(Set<String> proved) {
        return switch (this) {
            case Anyone anyone -> true;
            case Named named -> named.names().stream().map(ClientName::text).anyMatch(proved::contains);
        };
    }
}
