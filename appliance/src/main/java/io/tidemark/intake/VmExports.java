package io.tidemark.intake;

import io.netty.channel.EventLoop;
import io.tidemark.journal.Journal;
import io.tidemark.journal.StreamId;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.Session;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The disks of a journal as clients find them, and which of them let nobody in. The owner's, but for what clients ask. */
final class VmExports implements DiskSessions {

    private final Journal journal;
    private final Streams streams;
    private final ExportTable table;
    private final Optional<EventLoop> home;
    private final Function<Stream, Session> sessions;
    private final Map<StreamId, DiskExport> exports = new HashMap<>();
    private final Set<StreamId> awaitingRestart = ConcurrentHashMap.newKeySet();

    /**
     * @param home where connections are served best
     * @param sessions are opened for whoever is let in
     */
    VmExports(
            Journal journal,
            Streams streams,
            ExportTable table,
            Optional<EventLoop> home,
            Function<Stream, Session> sessions) {
        this.journal = journal;
        this.streams = streams;
        this.table = table;
        this.home = home;
        this.sessions = sessions;
    }

    /**
     * Exports the disks of the VM as they are, to whom they are meant for. Clients that are connected to one which has grown see it as it was; those that
     * it is no more meant for stay until they leave.
     */
    void take(Vm vm) {
        for (Disk disk : vm.disks()) {
            DiskExport known = exports.get(disk.id());
            if (known == null || known.info().size().bytes() != disk.sizeBytes()) {
                Stream stream = streams.find(disk.id()).orElseThrow();
                known = new DiskExport(vm.name(), disk, home, stream, this);
                exports.put(disk.id(), known);
            }
            table.add(known, vm.clients().disks());
        }
    }

    void remove(List<Disk> disks) {
        disks.forEach(disk -> Optional.ofNullable(exports.remove(disk.id())).ifPresent(table::remove));
    }

    /** Nobody finds any of them any more. */
    void close() {
        exports.values().forEach(table::remove);
    }

    /** Who waits for the restart of a guest has changed. */
    void updateAwaiting() {
        awaitingRestart.clear();
        streams.all().stream()
                .filter(stream -> streams.state(stream).awaitsRestart())
                .forEach(stream -> awaitingRestart.add(stream.id()));
    }

    /** Whether clients of the disk wait for the restart of the guest. Any thread. */
    boolean awaitsRestart(StreamId stream) {
        return awaitingRestart.contains(stream);
    }

    @Override
    public Optional<Refusal> refusal(Stream stream) {
        if (journal.fault().isPresent()) {
            return Optional.of(new Refusal(Refusal.Reason.SHUTDOWN, "the journal has failed; see the appliance's log"));
        }
        return awaitsRestart(stream.id())
                ? Optional.of(new Refusal(
                        Refusal.Reason.POLICY,
                        "acknowledged writes may have been lost with the machine: restart the guest, then report it"))
                : Optional.empty();
    }

    @Override
    public Session open(Stream stream) {
        return sessions.apply(stream);
    }
}
