package io.tidemark.journal;

import java.util.UUID;

/** The global identity of a journal. A replica's copy of a journal carries the id of its source. */
public record JournalId(UUID id) {

    @Override
    public String toString() {
        return id.toString();
    }
}
