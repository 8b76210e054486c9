package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each VM was drilled last, kept from life to life. It only serves people who forget to: if the file cannot be read or written, drills go
 * on and the VM counts as not drilled. Any thread.
 */
public final class DrillBook {

    private static final Logger LOG = LoggerFactory.getLogger(DrillBook.class);

    /** One VM in the file. */
    record Line(
            @JsonProperty("vm") VmId vm,
            @JsonProperty("drilled") String drilled) {}

    /** The file. */
    record Content(@JsonProperty("vms") List<Line> vms) {}

    private final DurableFile<Content> file;
    private final InstantSource clock;
    private final Map<VmId, Instant> drilled = new HashMap<>(); // guarded by this

    /** Reads what earlier lives have left. */
    public DrillBook(Path path, InstantSource clock) {
        this.file = new DurableFile<>(path, Content.class, VmDocument.mapper());
        this.clock = clock;
        try {
            file.read().ifPresent(content -> content.vms()
                    .forEach(line -> drilled.put(line.vm(), Instant.parse(line.drilled()))));
        } catch (IOException | RuntimeException e) {
            LOG.warn("when VMs were drilled last is not known any more: {}", e.toString());
        }
    }

    /** The VM was drilled now: durable on return, if there is room. Of VMs that are not known any more nothing is kept. */
    public synchronized void drilled(VmId vm, Set<VmId> known) {
        drilled.put(vm, clock.instant());
        drilled.keySet().removeIf(each -> !each.equals(vm) && !known.contains(each));
        try {
            file.write(new Content(drilled.entrySet().stream()
                    .map(each -> new Line(each.getKey(), each.getValue().toString()))
                    .toList()));
        } catch (IOException e) {
            LOG.warn("that VM {} was drilled is forgotten at the next start: {}", vm, e.toString());
        }
    }

    /** How long ago the VM was drilled last; empty if it never was here. */
    public synchronized Optional<Duration> sinceDrill(VmId vm) {
        return Optional.ofNullable(drilled.get(vm)).map(last -> Duration.between(last, clock.instant()));
    }
}
