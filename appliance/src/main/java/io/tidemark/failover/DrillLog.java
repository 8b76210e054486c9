package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.replica.HeldPoint;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was drilled here, and what came of it: the proof that a VM can be brought back, which outlives its points.
 *
 * <p>An entry is durable when the call returns, unless the disk is full: a drill is not refused for that, and the entry is written with the next
 * one. Any thread.
 */
public final class DrillLog {

    /** The newest of each VM; older ones go. */
    static final int DRILLS_PER_VM_MAX = 20;

    /** Of all VMs; the oldest go. */
    static final int DRILLS_MAX = 5000;

    static final int FORMAT = 1;

    private static final String NAME = "drill-log.json";

    private static final Logger LOG = LoggerFactory.getLogger(DrillLog.class);

    /**
     * A drill.
     *
     * @param verdict as it stands by now
     * @param verdictTime since when it stands so
     */
    public record Drilled(
            @JsonProperty("id") String id,
            @JsonProperty("journal") UUID journal,
            @JsonProperty("vm") VmId vm,
            @JsonProperty("sequence") Sequence sequence,
            @JsonProperty("pointTime") String pointTime,
            @JsonProperty("started") String started,
            @JsonProperty("verdict") Verdict verdict,
            @JsonProperty("verdictTime") String verdictTime) {
        public Drilled {
            Instant.parse(pointTime);
            Instant.parse(started);
            Instant.parse(verdictTime);
        }

        /** When it was over, if it is. */
        public Optional<Instant> end() {
            return running() ? Optional.empty() : Optional.of(Instant.parse(verdictTime));
        }

        private boolean running() {
            return verdict.result() == Verdict.Result.RUNNING;
        }

        private boolean passed() {
            return verdict.result() == Verdict.Result.PASSED;
        }

        private Drilled ended(Instant at, Verdict with) {
            return new Drilled(id, journal, vm, sequence, pointTime, started, with, at.toString());
        }
    }

    /** The file. */
    record Content(
            @JsonProperty("format") int format,
            @JsonProperty("drills") List<Drilled> drills) {
        Content {
            drills = List.copyOf(drills);
        }
    }

    private final DurableFile<Content> file;
    private List<Drilled> drills; // oldest first

    private DrillLog(DurableFile<Content> file, List<Drilled> drills) {
        this.file = file;
        this.drills = drills;
    }

    /**
     * Opens it; drills that an earlier life did not end were interrupted. If it cannot be read, it begins anew: that keeps no VM from being
     * brought back.
     */
    public static DrillLog open(SmallFiles files, Instant now) {
        DurableFile<Content> file = new DurableFile<>(files, NAME, Content.class, VmDocument.mapper());
        return new DrillLog(
                file,
                read(file).stream()
                        .map(each -> each.running() ? each.ended(now, Verdict.INTERRUPTED) : each)
                        .toList());
    }

    private static List<Drilled> read(DurableFile<Content> file) {
        try {
            return file.read(FORMAT, Content::format).map(Content::drills).orElse(List.of());
        } catch (IOException e) {
            LOG.error("what was drilled is not known any more: {}", e.toString());
            return List.of();
        }
    }

    /** @param points of each of its VMs */
    synchronized void started(String id, List<HeldPoint> points, Instant at) {
        List<Drilled> more = new ArrayList<>(drills);
        for (HeldPoint point : points) {
            add(
                    more,
                    new Drilled(
                            id,
                            point.journal().id(),
                            point.point().vm().id(),
                            point.point().sequence(),
                            point.point().time().toString(),
                            at.toString(),
                            Verdict.NONE_YET,
                            at.toString()));
        }
        change(more);
    }

    /** The first verdict stays. */
    synchronized void ended(String id, Instant at, Verdict verdict) {
        boolean open = drills.stream().anyMatch(each -> each.id().equals(id) && each.running());
        if (open) {
            change(drills.stream()
                    .map(each -> each.id().equals(id) && each.running() ? each.ended(at, verdict) : each)
                    .toList());
        }
    }

    /** The drills at one point, oldest first. */
    public List<Drilled> at(JournalId journal, VmId vm, Sequence sequence) {
        return of(vm).filter(each ->
                        each.journal().equals(journal.id()) && each.sequence().equals(sequence))
                .toList();
    }

    /** The drills at one point that had all of these VMs, oldest first: each once. */
    public List<Drilled> at(JournalId journal, Collection<VmId> vms, Sequence sequence) {
        Map<String, Set<VmId>> had = new HashMap<>();
        Map<String, Drilled> first = new LinkedHashMap<>();
        for (Drilled each : all()) {
            if (each.journal().equals(journal.id()) && each.sequence().equals(sequence)) {
                had.computeIfAbsent(each.id(), id -> new HashSet<>()).add(each.vm());
                first.putIfAbsent(each.id(), each);
            }
        }
        return first.values().stream()
                .filter(each -> had.getOrDefault(each.id(), Set.of()).containsAll(vms))
                .toList();
    }

    /** The newest drill of a VM that somebody has seen pass. */
    public Optional<Drilled> lastPassed(VmId vm) {
        return of(vm).filter(Drilled::passed).reduce((one, later) -> later);
    }

    /** The newest drill of a VM of which nobody said that it failed. */
    public Optional<Drilled> newest(VmId vm) {
        return of(vm).filter(each -> each.verdict().result() != Verdict.Result.FAILED)
                .reduce((one, later) -> later);
    }

    private Stream<Drilled> of(VmId vm) {
        return all().stream().filter(each -> each.vm().equals(vm));
    }

    private synchronized List<Drilled> all() {
        return drills;
    }

    private static void add(List<Drilled> more, Drilled drill) {
        more.add(drill);
        Predicate<Drilled> sameVm = each -> each.vm().equals(drill.vm());
        if (more.stream().filter(sameVm).count() > DRILLS_PER_VM_MAX) {
            more.remove(oldestToForget(more, sameVm));
        }
        if (more.size() > DRILLS_MAX) {
            more.remove(oldestToForget(more, each -> true));
        }
    }

    /** A drill that passed is remembered until another one has. */
    private static Drilled oldestToForget(List<Drilled> all, Predicate<Drilled> among) {
        List<Drilled> candidates = all.stream().filter(among).toList();
        return candidates.stream()
                .filter(each -> !each.passed() || candidates.stream().anyMatch(other -> passedLater(other, each)))
                .findFirst()
                .orElse(candidates.getFirst());
    }

    private static boolean passedLater(Drilled other, Drilled than) {
        return other.vm().equals(than.vm())
                && other.passed()
                && Instant.parse(other.started()).isAfter(Instant.parse(than.started()));
    }

    private void change(List<Drilled> to) {
        drills = List.copyOf(to);
        try {
            file.write(new Content(FORMAT, drills));
        } catch (IOException e) {
            LOG.warn("drills are not on record until another one is: {}", e.toString());
        }
    }
}
