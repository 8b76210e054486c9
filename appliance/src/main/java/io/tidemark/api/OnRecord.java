package io.tidemark.api;

import jakarta.enterprise.context.RequestScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the audit log says of a request beside its path: the names that people look for. Never a secret, and nothing that guests have written. */
@RequestScoped
public class OnRecord {

    static final int NAMES_MAX = 32;
    static final int CHARS_MAX = 500;

    private final Map<String, String> names = new LinkedHashMap<>();

    /** Puts what somebody has said, or what came of it, on record. What is too long is cut. */
    public void say(String name, String value) {
        if (names.size() < NAMES_MAX || names.containsKey(name)) {
            names.put(name, value.length() <= CHARS_MAX ? value : value.substring(0, CHARS_MAX) + "...");
        }
    }

    void say(String name, Optional<?> value) {
        value.ifPresent(said -> say(name, said.toString()));
    }

    Map<String, String> names() {
        return Map.copyOf(names);
    }
}
