package io.tidemark.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What somebody may do; each may do what those before it may. */
public enum Role {
    /** Look at everything. */
    VIEWER,
    /** Protect VMs, drill, pin, copy. */
    OPERATOR,
    /** What destroys something, changes which site is the source, or opens this one to others. */
    ADMIN;

    /** Its name in files and logs. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** It and those it includes. */
    public Set<String> labels() {
        return Arrays.stream(values())
                .filter(role -> role.compareTo(this) <= 0)
                .map(Role::label)
                .collect(Collectors.toUnmodifiableSet());
    }

    static Optional<Role> of(String label) {
        return Arrays.stream(values())
                .filter(role -> role.label().equals(label))
                .findFirst();
    }
}
