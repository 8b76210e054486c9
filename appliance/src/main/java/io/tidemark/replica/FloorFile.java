package io.tidemark.replica;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.state.FolderFiles;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a replica keeps of itself beside its journal and volumes: its floor, and the ages of what it has. */
final class FloorFile {

    static final int FORMAT = 1;

    /**
     * The file.
     *
     * @param site the name of the site that ships the journal
     * @param origin the sequence before the first record of the journal
     * @param number which of the site's lineages this is
     * @param floor the oldest sequence that can still be recovered
     * @param atFloor the points at the floor itself, whose records may be gone
     */
    record Content(
            @JsonProperty("format") int format,
            @JsonProperty("site") String site,
            @JsonProperty("origin") Sequence origin,
            @JsonProperty("number") int number,
            @JsonProperty("floor") Sequence floor,
            @JsonProperty("atFloor") List<Point> atFloor,
            @JsonProperty("window") List<RecoveryWindow.Saved> window) {
        Content {
            atFloor = List.copyOf(atFloor);
            window = List.copyOf(window);
        }
    }

    /** A consistent point at the floor. */
    record Point(
            @JsonProperty("vm") VmId vm,
            @JsonProperty("time") String time,
            @JsonProperty("kind") RecoveryPoint.Kind kind) {
        Point {
            Instant.parse(time);
        }
    }

    private static final String NAME = "replica.json";

    private final DurableFile<Content> file;

    FloorFile(Path folder) {
        this(new FolderFiles(folder));
    }

    FloorFile(SmallFiles files) {
        file = new DurableFile<>(files, NAME, Content.class, VmDocument.mapper());
    }

    Optional<Content> read() throws IOException {
        return file.read(FORMAT, Content::format);
    }

    void write(Content content) throws IOException {
        file.write(content);
    }
}
