package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.EventLog;
import io.tidemark.hand.HandJournal;
import io.tidemark.hand.HandThread;
import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.Tail;
import io.tidemark.journal.VmId;
import io.tidemark.link.Comparing;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportName;
import io.tidemark.resync.CopySettings;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.state.FolderFiles;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.PointLog;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.StreamState;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Volumes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** The intake of one life of a journal, moved by hand: nothing is durable and no time passes unless the test says so. */
final class Site implements AutoCloseable {

    static final IntakeSettings SETTINGS = new IntakeSettings(
            Duration.ofSeconds(1),
            0.5,
            Duration.ofMillis(200),
            Duration.ofSeconds(20),
            Duration.ZERO,
            Duration.ofMinutes(1),
            CopySettings.defaults(),
            16);

    final HandThread owner = new HandThread();
    final HandThread disk = new HandThread().inline();
    final HandJournal hand;
    final Narrow journal;
    final Volumes volumes;
    final ExportTable exports = new ExportTable();
    final EventLog events = new EventLog(() -> java.time.Instant.EPOCH);
    final Set<VmId> fenced = new HashSet<>();
    final JournalIntake intake;

    /** Whether the peer takes what is appended. */
    boolean shipping = true;

    /** For how long not everything was on its way. */
    Duration behind = Duration.ZERO;

    /** The peer keeps everything up to here. */
    Sequence acknowledged = Sequence.NONE;

    /** Whether a full journal will have room soon. */
    boolean makesRoom;

    Site(Path folder, long life, LifeBefore before, Map<StreamId, Tail> tails, VmId... fenced) {
        this(folder, life, before, tails, stream -> false, fenced);
    }

    /** @param undecided whether nobody knows yet what the replica lacks of a stream */
    Site(
            Path folder,
            long life,
            LifeBefore before,
            Map<StreamId, Tail> tails,
            Predicate<StreamId> undecided,
            VmId... fenced) {
        this(folder, life, before, tails, undecided, Comparing.NEVER, fenced);
    }

    /**
     * @param undecided whether nobody knows yet what the replica lacks of a stream
     * @param comparing asks the replica what it has
     */
    Site(
            Path folder,
            long life,
            LifeBefore before,
            Map<StreamId, Tail> tails,
            Predicate<StreamId> undecided,
            Comparing comparing,
            VmId... fenced) {
        this.fenced.addAll(List.of(fenced));
        try {
            hand = HandJournal.open(folder.resolve("journal"), owner, life);
            journal = new Narrow(hand.journal);
            volumes = new Volumes(folder.resolve("volumes"));
            PossibleLoss loss = new PossibleLoss(new FolderFiles(folder));
            Ledger ledger = new Ledger();
            journal.marks(Sequence.NONE, journal.durable(), ledger::apply);
            intake = new JournalIntake(
                    new JournalIntake.Parts(
                            journal,
                            owner,
                            volumes,
                            ledger,
                            tails,
                            () -> Sequence.NONE,
                            loss,
                            vm -> this.fenced.contains(vm)
                                    ? Optional.of("another site is its source")
                                    : Optional.empty(),
                            comparing,
                            () -> new Sending(shipping, behind, acknowledged, 0),
                            () -> makesRoom,
                            Optional.empty(),
                            new DirtyFiles(new FolderFiles(folder)),
                            undecided,
                            disk,
                            exports,
                            events,
                            new Silent(),
                            owner::nanoTime),
                    SETTINGS);
            owner.run();
            intake.start(loss.lifeBefore(before));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The first life. */
    static Site first(Path folder) {
        return new Site(folder, 1, LifeBefore.ENDED_CLEANLY, Map.of());
    }

    /** Protects the VM, durably. */
    Site with(Vm vm) {
        assertThat(ask(intake.define(vm))).isInstanceOf(Registration.Done.class);
        return this;
    }

    /** An answer, once everything that has to be durable for it is. */
    Registration ask(CompletableFuture<Registration> answer) {
        owner.run();
        hand.force();
        assertThat(answer).isDone();
        return answer.join();
    }

    /** Connects a client to a disk. */
    Connection connect(Vm vm, Disk disk) {
        Export export = export(vm, disk);
        if (export.open(client()) instanceof Export.Opened opened) {
            return new Connection(opened.session());
        }
        throw new AssertionError("refused");
    }

    Export export(Vm vm, Disk disk) {
        ExportName name = DiskExport.name(vm.name(), disk);
        if (exports.find(name, client()) instanceof ExportDirectory.Found found) {
            return found.export();
        }
        throw new AssertionError("no export " + name);
    }

    StreamState state(Disk disk) {
        CompletableFuture<List<VmStatus>> status = intake.status();
        owner.run();
        return status.join().stream()
                .flatMap(vm -> vm.disks().stream())
                .filter(each -> each.disk().id().equals(disk.id()))
                .findFirst()
                .orElseThrow()
                .state();
    }

    Duration rpo(Vm vm) {
        CompletableFuture<List<VmStatus>> status = intake.status();
        owner.run();
        return status.join().stream()
                .filter(each -> each.vm().id().equals(vm.id()))
                .findFirst()
                .orElseThrow()
                .rpo();
    }

    /** Whether a client would be let in. */
    boolean opens(Vm vm, Disk disk) {
        return export(vm, disk).open(client()) instanceof Export.Opened;
    }

    /** The newest record. */
    Sequence appended() {
        return journal.appended();
    }

    /** What the journal says, the opening left out. */
    List<Entry> entries() {
        return hand.records().stream()
                .map(JournalRecord::entry)
                .filter(entry -> !(entry instanceof Entry.Opened))
                .toList();
    }

    /** The points that the records make, as the other site would list them. */
    List<RecoveryPoint> points(Vm vm) {
        Ledger ledger = new Ledger();
        PointLog points = new PointLog(ledger);
        hand.records().stream()
                .filter(record -> record.entry() instanceof Entry.Control)
                .map(record -> new Mark(record.sequence(), record.timeNanos(), (Entry.Control) record.entry()))
                .forEach(mark -> {
                    ledger.apply(mark);
                    points.apply(mark);
                });
        return points.of(vm.id());
    }

    /** Ends this life without a word to anybody. */
    void die() {
        hand.forcer.inline();
        hand.journal.close(false);
        closeVolumes();
    }

    @Override
    public void close() {
        intake.close();
        if (hand.journal.fault().isEmpty()) {
            hand.close();
        } else {
            hand.journal.close(false);
        }
        closeVolumes();
    }

    private void closeVolumes() {
        try {
            volumes.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Client client() {
        return new Client(new InetSocketAddress(1), new Client.Plaintext());
    }

    private static final class Silent implements IntakeMeter {

        @Override
        public void written(StreamId stream, int bytes, long nanos) {}

        @Override
        public void flushed(StreamId stream, int bytes, long nanos) {}

        @Override
        public void read(StreamId stream, int bytes, long nanos) {}

        @Override
        public void refused(StreamId stream) {}
    }
}
