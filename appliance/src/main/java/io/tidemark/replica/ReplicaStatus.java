package io.tidemark.replica;

import io.tidemark.journal.AppendOutcome.Limit;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Usage;
import java.util.List;
import java.util.Optional;

/**
 * How a replica stands.
 *
 * @param site the name of the site that ships it
 * @param number which of that site's lineages it is
 * @param problems what a person should know, empty while all is well
 */
public record ReplicaStatus(
        JournalId journal,
        String site,
        int number,
        boolean connected,
        Sequence received,
        Sequence durable,
        Sequence floor,
        Sequence applied,
        Optional<Limit> full,
        Usage usage,
        List<String> problems) {}
