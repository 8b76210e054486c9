package io.tidemark.target;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How far a target is: it says nothing of itself, so it is kept here. The sender's thread. */
final class PositionFile {

    private static final int FORMAT = 1;
    private static final String FILE = "target.json";

    /** The file. VMs are without their definitions, which a target has no use for. */
    record Saved(
            @JsonProperty("format") int format,
            @JsonProperty("at") Sequence at,
            @JsonProperty("timeNanos") long timeNanos,
            @JsonProperty("writing") boolean writing,
            @JsonProperty("ledger") Ledger.Document ledger,
            @JsonProperty("vms") List<Vm> vms,
            @JsonProperty("open") List<StreamId> open) {}

    /** What the file says. */
    record Content(Position position, boolean writing) {}

    private final DurableFile<Saved> file;
    private final String name;

    PositionFile(SmallFiles files) {
        file = new DurableFile<>(files, FILE, Saved.class, VmDocument.mapper());
        name = files + "/" + FILE;
    }

    /** What was written last, or the start. */
    Content read() throws IOException {
        Optional<Saved> saved = file.read(FORMAT, Saved::format);
        if (saved.isEmpty()) {
            return new Content(Position.START, false);
        }
        try {
            return content(saved.get());
        } catch (RuntimeException e) { // whatever does not hold in it: it was read as JSON, and no more is known of it
            throw new IOException(name + " cannot be understood: " + e, e);
        }
    }

    /**
     * Keeps a position, durably on return.
     *
     * @param writing whether what the target holds may be on its way from there to the next one
     */
    void write(Position position, boolean writing) throws IOException {
        List<Vm> vms = position.ledger().vms().stream()
                .map(vm -> new Vm(vm.id(), vm.name(), vm.disks(), Definition.NONE))
                .toList();
        file.write(new Saved(
                FORMAT,
                position.at(),
                position.timeNanos(),
                writing,
                position.ledger().document(),
                vms,
                List.copyOf(position.open())));
    }

    private static Content content(Saved saved) {
        Ledger ledger = new Ledger(saved.ledger(), saved.vms());
        return new Content(
                new Position(saved.at(), saved.timeNanos(), ledger, Set.copyOf(saved.open())), saved.writing());
    }
}
