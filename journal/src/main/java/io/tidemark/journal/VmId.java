package io.tidemark.journal;

import java.util.UUID;

/** The global identity of a protected virtual machine. */
public record VmId(UUID id) {

    @Override
    public String toString() {
        return id.toString();
    }
}
