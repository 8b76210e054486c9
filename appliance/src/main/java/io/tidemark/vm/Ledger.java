package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * What the control records of a journal say so far: which VMs there are and what state their streams are in.
 *
 * <p>A fold: the same records give the same ledger at both sites, after any restart. One thread.
 */
public final class Ledger {

    /** Of the journal's lives, how many are remembered. */
    private static final int LIVES_MAX = 1000;

    private final Map<VmId, Vm> vms = new LinkedHashMap<>();
    private final Map<StreamId, StreamState> streams = new LinkedHashMap<>();
    private final Map<StreamId, VmId> owners = new LinkedHashMap<>();
    private final Map<StreamId, Sequence> epochEnds = new LinkedHashMap<>();
    private final List<Life> lives = new ArrayList<>();

    /** A ledger as a document; the VMs, which are large and change rarely, are kept apart. */
    public record Document(
            @JsonProperty("streams") Map<String, StreamState> streams,
            @JsonProperty("epochEnds") Map<String, Sequence> epochEnds,
            @JsonProperty("lives") List<LifeEntry> lives) {}

    /** A life of the journal in a document. */
    public record LifeEntry(
            @JsonProperty("incarnation") long incarnation,
            @JsonProperty("first") Sequence first) {}

    /** A ledger in which nothing has happened. */
    public Ledger() {}

    /**
     * The ledger that a document and the VMs of that time describe. A VM may be from a later time: what a disk was that it no longer has is of no
     * interest then.
     */
    public Ledger(Document document, Collection<Vm> known) {
        for (Vm vm : known) {
            vms.put(vm.id(), vm);
            vm.disks().forEach(disk -> owners.put(disk.id(), vm.id()));
        }
        document.streams().forEach((id, state) -> streams.put(stream(id), state));
        streams.keySet().retainAll(owners.keySet());
        document.epochEnds().forEach((id, at) -> epochEnds.put(stream(id), at));
        document.lives().forEach(life -> lives.add(new Life(new Incarnation(life.incarnation()), life.first())));
    }

    public Document document() {
        Map<String, StreamState> states = new LinkedHashMap<>();
        streams.forEach((id, state) -> states.put(id.toString(), state));
        Map<String, Sequence> ends = new LinkedHashMap<>();
        epochEnds.forEach((id, at) -> ends.put(id.toString(), at));
        return new Document(
                states,
                ends,
                lives.stream()
                        .map(life -> new LifeEntry(life.incarnation().number(), life.first()))
                        .toList());
    }

    /** Goes on by one control record. */
    public void apply(Mark mark) {
        Sequence at = mark.sequence();
        switch (mark.entry()) {
            case Entry.VmDefined defined -> define(VmDocument.read(defined.vm(), defined.document()), at);
            case Entry.VmRemoved removed -> remove(removed.vm());
            case Entry.CopyBegin begin -> change(begin.stream(), state -> state.begin(begin.side(), at));
            case Entry.CopyEnd end -> {
                change(end.stream(), state -> state.complete(end.side(), at, end.word()));
                endEpoch(end.stream(), at);
            }
            case Entry.Gap gap -> change(gap.stream(), state -> state.lose(gap.since(), gap.reason()));
            case Entry.Track track -> change(track.stream(), state -> state.begin(Side.SHIP, at));
            case Entry.AwaitRestart await -> change(await.stream(), state -> state.awaitingRestart(true));
            case Entry.GuestRestarted restarted -> change(restarted.stream(), state -> state.awaitingRestart(false));
            case Entry.Opened opened -> begin(new Life(opened.incarnation(), at));
            case Entry.Flush flush -> endEpoch(flush.stream(), at);
            case Entry.Cut cut ->
                vms.values().stream()
                        .flatMap(vm -> vm.disks().stream())
                        .filter(disk -> disk.attachMode().keepsOrder())
                        .forEach(disk -> endEpoch(disk.id(), at));
            case Entry.Closed closed -> {}
        }
    }

    public Collection<Vm> vms() {
        return List.copyOf(vms.values());
    }

    public Optional<Vm> vm(VmId vm) {
        return Optional.ofNullable(vms.get(vm));
    }

    public Optional<Vm> vmOf(StreamId stream) {
        return Optional.ofNullable(owners.get(stream)).map(vms::get);
    }

    public Optional<StreamState> state(StreamId stream) {
        return Optional.ofNullable(streams.get(stream));
    }

    /** The newest record at which an epoch of the stream ended, if one ever did. */
    public Optional<Sequence> epochEnd(StreamId stream) {
        return Optional.ofNullable(epochEnds.get(stream));
    }

    /** The journal's lives so far, oldest first. */
    public List<Life> lives() {
        return List.copyOf(lives);
    }

    /** Whether a point of the VM now would be consistent. */
    public Standing standing(Vm vm) {
        return vm.disks().stream()
                .flatMap(disk ->
                        state(disk.id())
                                .flatMap(StreamState::inconsistency)
                                .map(reason -> reason(disk, reason))
                                .stream())
                .<Standing>map(Standing.Inconsistent::new)
                .findFirst()
                .orElseGet(() -> new Standing.Consistent(words(vm)));
    }

    private List<String> words(Vm vm) {
        return vm.disks().stream()
                .flatMap(disk -> state(disk.id()).flatMap(StreamState::word).map(word -> reason(disk, word)).stream())
                .toList();
    }

    /** Something that is said of a point, with the disk it is said of. */
    static String reason(Disk disk, String reason) {
        return "disk " + disk.name() + ": " + reason;
    }

    private void define(Vm vm, Sequence at) {
        Vm before = vms.put(vm.id(), vm);
        if (before != null) {
            before.disks().stream().filter(disk -> !vm.has(disk.id())).forEach(disk -> forget(disk.id()));
        }
        for (Disk disk : vm.disks()) {
            owners.put(disk.id(), vm.id());
            streams.computeIfAbsent(disk.id(), id -> StreamState.initial(disk, at));
        }
    }

    private void remove(VmId vm) {
        Vm before = vms.remove(vm);
        if (before != null) {
            before.disks().forEach(disk -> forget(disk.id()));
        }
    }

    private void forget(StreamId stream) {
        owners.remove(stream);
        streams.remove(stream);
        epochEnds.remove(stream);
    }

    private void endEpoch(StreamId stream, Sequence at) {
        if (streams.containsKey(stream)) {
            epochEnds.put(stream, at);
        }
    }

    private static StreamId stream(String id) {
        return new StreamId(UUID.fromString(id));
    }

    private void change(StreamId stream, UnaryOperator<StreamState> change) {
        streams.computeIfPresent(stream, (id, state) -> change.apply(state));
    }

    private void begin(Life life) {
        lives.add(life);
        if (lives.size() > LIVES_MAX) {
            lives.removeFirst();
        }
    }
}
