package io.tidemark.ship;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.Sequence;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Which records of a journal were given up last, for the lives to come. One thread at a time. */
public final class GivenUpFile {

    /** The file. */
    record Content(
            @JsonProperty("from") Sequence from,
            @JsonProperty("to") Sequence to,
            @JsonProperty("lives") List<LifeEntry> lives) {}

    /** A life of the journal in it. */
    record LifeEntry(
            @JsonProperty("incarnation") long incarnation,
            @JsonProperty("first") Sequence first) {}

    private final DurableFile<Content> file;

    /** @param files of the journal */
    public GivenUpFile(SmallFiles files, ObjectMapper mapper) {
        this.file = new DurableFile<>(files, "given-up.json", Content.class, mapper);
    }

    public Optional<GivenUp> read() throws IOException {
        return file.read()
                .map(content -> new GivenUp(
                        content.from(),
                        content.to(),
                        content.lives().stream()
                                .map(life -> new Life(new Incarnation(life.incarnation()), life.first()))
                                .toList()));
    }

    /** Durable on return. */
    public void write(GivenUp givenUp) throws IOException {
        file.write(new Content(
                givenUp.from(),
                givenUp.to(),
                givenUp.lives().stream()
                        .map(life -> new LifeEntry(life.incarnation().number(), life.first()))
                        .toList()));
    }

    /** Nothing counts as given up any more, durably on return. */
    public void delete() throws IOException {
        file.delete();
    }
}
