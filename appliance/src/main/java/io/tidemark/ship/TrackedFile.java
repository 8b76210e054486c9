package io.tidemark.ship;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** When the streams of a journal went down that wait to be copied since, for the lives to come. One thread at a time. */
public final class TrackedFile {

    /** The file. */
    record Content(@JsonProperty("sinceMillis") long sinceMillis) {}

    private final DurableFile<Content> file;

    /** @param files of the journal */
    public TrackedFile(SmallFiles files, ObjectMapper mapper) {
        this.file = new DurableFile<>(files, "tracked.json", Content.class, mapper);
    }

    /** The last time that they did; empty if they never did. */
    public Optional<Instant> read() throws IOException {
        return file.read().map(content -> Instant.ofEpochMilli(content.sinceMillis()));
    }

    /** Durable on return. */
    public void write(Instant since) throws IOException {
        file.write(new Content(since.toEpochMilli()));
    }
}
