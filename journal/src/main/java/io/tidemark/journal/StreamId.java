package io.tidemark.journal;

import java.util.UUID;

/** The global identity of a stream: the ordered writes of one disk. */
public record StreamId(UUID id) {

    /** The stream of records that belong to none. */
    public static final StreamId NONE = new StreamId(new UUID(0, 0));

    @Override
    public String toString() {
        return id.toString();
    }
}
