package io.tidemark.appliance;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Lineage;
import io.tidemark.state.DurableFile;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;

/** Which lineage of a journal is shipped; without it, the journal as a whole. */
final class LineageFile {

    /** The file. */
    record Content(
            @JsonProperty("id") UUID id,
            @JsonProperty("origin") Sequence origin) {}

    private final DurableFile<Content> file;
    private final JournalId journal;

    /** @param folder of the journal */
    LineageFile(Path folder, JournalId journal) {
        this.file = new DurableFile<>(folder.resolve("lineage.json"), Content.class, VmDocument.mapper());
        this.journal = journal;
    }

    Lineage read() throws IOException {
        return file.read()
                .map(content -> new Lineage(new JournalId(content.id()), content.origin()))
                .orElseGet(() -> Lineage.whole(journal));
    }

    /** Durable on return. */
    void write(Lineage lineage) throws IOException {
        file.write(new Content(lineage.id().id(), lineage.origin()));
    }
}
