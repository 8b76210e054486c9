package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.events.Event;
import io.tidemark.intake.ExportTable;
import io.tidemark.journal.DiskModel;
import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportName;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedClient;
import io.tidemark.stage.StagedOwner;
import io.tidemark.state.FolderFiles;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Audience;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drills of a real replica. The source is dead from the start: all it has shipped is there. */
class DrillsTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final Name SHOP = new Name("webshop");
    private static final Vm OTHER = SourceStage.vm(2, AttachMode.DIRECT, 1).in(Optional.of(new Membership(SHOP, 1, 0)));
    private static final int DISK = SourceStage.DISK_BYTES;
    private static final int LIMIT = 3;
    private static final Verdict UNTOLD = new Verdict(Verdict.Result.NOT_TOLD, "");

    /** Gives old points up beyond 64 KiB. */
    private static final ReplicaSettings NARROW =
            new ReplicaSettings(ReplicaStage.WINDOW, 1L << 30, 64 << 20, Duration.ofSeconds(1), 64 << 10, 64 << 10, 1);

    private long keptFreeBytes;

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private ExportTable exports = new ExportTable();
    private final ExecutorService threads = Executors.newFixedThreadPool(2);
    private final Queue<Runnable> kept = new ArrayDeque<>();
    private SourceStage source;
    private ReplicaStage replica;
    private Sequence first = Sequence.NONE;
    private Sequence last = Sequence.NONE;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, NARROW);
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.write(VM, 1, 0, 4096, 2);
        first = source.flush(VM, 0);
        source.write(VM, 0, 0, 2048, 3);
        last = source.flush(VM, 1);
        replica.shipAll(source);
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
        replica.close();
        source.close();
    }

    @Test
    void disksAreAsTheyWereAtThePoint() throws Exception {
        Drills drills = drills(threads);

        Drill drill = started(drills, new PointChoice.At(first));

        assertThat(drill.disks()).extracting(disk -> disk.disk().name().text()).containsExactly("disk0", "disk1");
        assertThat(drill.point().point().sequence()).isEqualTo(first);
        for (Drill.DrillDisk each : drill.disks()) {
            assertThat(client(each).read(0, DISK))
                    .contains(source.diskAt(each.disk().id(), first));
        }
    }

    @Test
    void aDrillIsForThoseWhoMayOpenItNowAndNotForThoseOfItsPoint() throws Exception {
        source.define(VM.of(new Clients(new Audience.Anyone(), Audience.of(List.of("CN:auditor")))));
        replica.shipAll(source);

        Drill drill = started(drills(threads), new PointChoice.At(first));

        ExportName name = new ExportName(drill.disks().getFirst().export());
        assertThat(exports.find(name, called("CN:auditor"))).isInstanceOf(ExportDirectory.Found.class);
        assertThat(exports.find(name, called("CN:other"))).isInstanceOf(ExportDirectory.Unknown.class);
        assertThat(exports.list(called("CN:other"))).isEmpty();
    }

    @Test
    void aDrillThatNobodyCouldOpenIsNotStarted() throws Exception {
        source.define(VM.of(new Clients(new Audience.Anyone(), Audience.of(List.of("CN:auditor")))));
        replica.shipAll(source);
        exports = new ExportTable(Optional.of("nobody has a name"));

        Drills drills = drills(threads);

        assertThat(owner.await(drills.start(replica.now(), VM.id(), new PointChoice.Latest())))
                .isInstanceOfSatisfying(
                        Drills.Outcome.Unreachable.class,
                        unreachable -> assertThat(unreachable.reason()).contains("nobody has a name"));
        assertThat(drills.all()).isEmpty();
    }

    private static Client called(String name) {
        return new Client(new InetSocketAddress(0), new Client.Certified("", Set.of(name)));
    }

    @Test
    void whatADrillWritesIsSeenThereOnlyAndThrownAway() throws Exception {
        Drills drills = drills(threads);
        Drill one = started(drills, new PointChoice.Latest());
        Drill other = started(drills, new PointChoice.Latest());
        Drill.DrillDisk disk = one.disks().getFirst();
        byte[] before = source.diskAt(disk.disk().id(), last);
        StagedClient client = client(disk);
        byte[] written = new byte[1000];
        Arrays.fill(written, (byte) 9);

        assertThat(client.write(500, written)).isTrue();
        assertThat(client.trim(2048, 512)).isTrue();
        assertThat(client.flush()).isTrue();

        byte[] expected = before.clone();
        Arrays.fill(expected, 500, 1500, (byte) 9);
        Arrays.fill(expected, 2048, 2560, (byte) 0);
        assertThat(client.read(0, DISK)).contains(expected);
        assertThat(client.payloads()).isZero();
        assertThat(client(other.disks().getFirst()).read(0, DISK)).contains(before);

        assertThat(drills.delete(one.id(), UNTOLD)).isTrue();
        assertThat(drills.delete(one.id(), UNTOLD)).isFalse();
        assertThat(client(started(drills, new PointChoice.Latest()).disks().getFirst())
                        .read(0, DISK))
                .contains(before);
        assertThat(drills.all()).hasSize(2).doesNotContain(one);
    }

    @Test
    void clientsOfADeletedDrillGetErrorsAndNoNewOnesComeIn() throws Exception {
        Drills drills = drills(threads);
        Drill drill = started(drills, new PointChoice.Latest());
        StagedClient client = client(drill.disks().getFirst());

        drills.delete(drill.id(), UNTOLD);

        assertThat(client.read(0, 4096)).isEmpty();
        assertThat(client.write(0, new byte[512])).isFalse();
        assertThat(client.flush()).isFalse();
        assertThat(client.payloads()).isZero();
        assertThat(StagedClient.open(exports, drill.disks().getFirst().export()))
                .isEmpty();
        CompletableFuture.runAsync(() -> {}, threads).join();
        CompletableFuture.runAsync(() -> {}, threads).join();
        owner.until(() -> files(temporary.resolve("drills")) == 0);
    }

    @Test
    void replicationAndFoldingGoOnAndTheDrillStandsStill() throws Exception {
        Drills drills = drills(threads);
        Drill drill = started(drills, new PointChoice.At(first));
        StagedClient client = client(drill.disks().getFirst());
        byte[] before = source.diskAt(VM.disks().getFirst().id(), first);

        source.write(VM, 0, 0, 8192, 7);
        Sequence newest = source.flush(VM, 0);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(replica.status().durable()).isEqualTo(newest);
        assertThat(replica.status().floor()).isEqualTo(first);
        assertThat(client.read(0, DISK)).contains(before);

        drills.delete(drill.id(), UNTOLD);
        owner.runWaiting();
        replica.pass(Duration.ofSeconds(1));
        assertThat(replica.status().floor()).isEqualTo(newest);
    }

    @Test
    void worksAfterARestart() throws Exception {
        replica.restart();
        Drills drills = drills(threads);

        Drill drill = started(drills, new PointChoice.At(first));

        for (Drill.DrillDisk each : drill.disks()) {
            assertThat(client(each).read(0, DISK))
                    .contains(source.diskAt(each.disk().id(), first));
        }
    }

    @Test
    void whatAnEarlierLifeLeftIsThrownAway() throws Exception {
        Path folder = Files.createDirectories(temporary.resolve("drills").resolve("left"));
        Files.writeString(folder.resolve("disk.scratch"), "old");

        drills(threads);

        assertThat(files(temporary.resolve("drills"))).isZero();
    }

    @Test
    void aPointThatIsNotThereStartsNothing() throws Exception {
        Drills drills = drills(threads);

        Drills.Outcome outcome = owner.await(drills.start(replica.now(), VM.id(), new PointChoice.At(last.next())));

        assertThat(outcome).isInstanceOf(Drills.Outcome.NoSuchPoint.class);
        assertThat(drills.all()).isEmpty();
        for (int i = 0; i < LIMIT; i++) {
            started(drills, new PointChoice.Latest()); // nothing was used up by it
        }
    }

    @Test
    void theLimitHoldsWhileDrillsAreBeingStarted() throws Exception {
        Drills drills = drills(kept::add);

        List<CompletableFuture<Drills.Outcome>> all = Stream.generate(
                        () -> drills.start(replica.now(), VM.id(), new PointChoice.Latest()))
                .limit(LIMIT + 2)
                .toList();
        owner.runWaiting();
        runKept();

        assertThat(all)
                .extracting(CompletableFuture::join)
                .filteredOn(Drills.Outcome.Started.class::isInstance)
                .hasSize(LIMIT);
        assertThat(all.getLast().join()).isEqualTo(new Drills.Outcome.TooMany(LIMIT));
    }

    @Test
    void aPointThatIsGivenUpWhileTheDrillStartsIsNeverReadAsIfItWereThere() throws Exception {
        Drills drills = drills(kept::add);
        CompletableFuture<Drills.Outcome> outcome = drills.start(replica.now(), VM.id(), new PointChoice.At(first));
        owner.runWaiting();

        tooMuchForOldPoints();
        runKept();

        Drill drill = ((Drills.Outcome.Started) outcome.join()).drill();
        assertThat(drill.gone()).hasValueSatisfying(why -> assertThat(why).contains("given up"));
        assertThat(StagedClient.open(exports, drill.disks().getFirst().export()))
                .isEmpty();
    }

    @Test
    void aDrillWhosePointIsGivenUpSaysSo() throws Exception {
        Drills drills = drills(threads);
        Drill drill = started(drills, new PointChoice.At(first));
        StagedClient client = client(drill.disks().getFirst());

        tooMuchForOldPoints();

        assertThat(drill.gone()).hasValueSatisfying(why -> assertThat(why).contains("given up"));
        assertThat(client.read(0, 4096)).isEmpty();
        assertThat(replica.events.since(0, 100))
                .filteredOn(event -> event.severity() == Event.Severity.ERROR)
                .extracting(Event::kind)
                .containsExactlyInAnyOrder("drill-lost", "points-given-up");
        assertThat(drills.delete(drill.id(), UNTOLD)).isTrue();
    }

    @Test
    void anyHistoryOfADrillReadsAsItsModel() throws Exception {
        Random random = new Random(11);
        for (int i = 0; i < 60; i++) {
            if (random.nextInt(4) == 0) {
                source.flush(VM, random.nextInt(2));
            } else {
                source.append(
                        Entries.change(random, VM.disks().get(random.nextInt(2)).id(), DISK));
            }
        }
        replica.shipAll(source);
        Drills drills = drills(threads);
        List<RecoveryPoint> points = replica.points(VM);
        for (int round = 0; round < 6; round++) {
            RecoveryPoint point = points.get(random.nextInt(points.size()));
            Drill drill = started(drills, new PointChoice.At(point.sequence()));
            Drill.DrillDisk disk = drill.disks().get(random.nextInt(2));
            StagedClient client = client(disk);
            DiskModel model = new DiskModel(DISK);
            byte[] start = source.diskAt(disk.disk().id(), point.sequence());
            model.apply(new Entry.Write(disk.disk().id(), Epoch.FIRST, 0, ByteBuffer.wrap(start)));
            for (int i = 0; i < 40; i++) {
                Entry.Data change = Entries.change(random, disk.disk().id(), DISK);
                model.apply(change);
                if (change instanceof Entry.Write write) {
                    byte[] bytes = new byte[write.payload().remaining()];
                    write.payload().duplicate().get(bytes);
                    assertThat(client.write(write.offset(), bytes)).isTrue();
                } else {
                    assertThat(client.trim(
                                    change.extent().offset(), change.extent().length()))
                            .isTrue();
                }
                int from = random.nextInt(DISK - 1);
                int length = 1 + random.nextInt(DISK - from);
                assertThat(client.read(from, length)).contains(Arrays.copyOfRange(model.bytes(), from, from + length));
            }
            drills.delete(drill.id(), UNTOLD);
        }
    }

    @Test
    void whatCameOfADrillIsKnownAfterARestart() throws Exception {
        Drills drills = drills(threads);
        Drill passed = started(drills, new PointChoice.At(first));
        Drill untold = started(drills, new PointChoice.At(first));
        Drill left = started(drills, new PointChoice.At(first));

        drills.delete(passed.id(), new Verdict(Verdict.Result.PASSED, "the database has started"));
        drills.delete(untold.id(), UNTOLD);

        assertThat(logged())
                .extracting(DrillLog.Drilled::id, each -> each.verdict().result())
                .containsExactly(
                        tuple(passed.id(), Verdict.Result.PASSED),
                        tuple(untold.id(), Verdict.Result.NOT_TOLD),
                        tuple(left.id(), Verdict.Result.INTERRUPTED)); // the process was killed
        assertThat(log().lastPassed(VM.id()))
                .hasValueSatisfying(last -> assertThat(last.verdict().note()).isEqualTo("the database has started"));
    }

    @Test
    void aDrillThatPassedIsRememberedWhateverComesAfter() throws Exception {
        Drills drills = drills(threads);
        Drill passed = started(drills, new PointChoice.At(first));
        drills.delete(passed.id(), new Verdict(Verdict.Result.PASSED, ""));
        for (int i = 0; i < 2 * DrillLog.DRILLS_PER_VM_MAX; i++) {
            Drill failed = started(drills, new PointChoice.At(first));
            drills.delete(failed.id(), new Verdict(Verdict.Result.FAILED, "no boot"));
        }

        assertThat(logged()).hasSize(DrillLog.DRILLS_PER_VM_MAX).first().returns(passed.id(), DrillLog.Drilled::id);
        assertThat(log().newest(VM.id()).map(DrillLog.Drilled::id))
                .as("the newest that did not fail")
                .contains(passed.id());

        Drill again = started(drills, new PointChoice.At(first));
        drills.delete(again.id(), new Verdict(Verdict.Result.PASSED, ""));
        drills.delete(started(drills, new PointChoice.At(first)).id(), UNTOLD);

        assertThat(logged())
                .extracting(DrillLog.Drilled::id)
                .contains(again.id())
                .doesNotContain(passed.id());
    }

    @Test
    void aDamagedLogKeepsNoVmFromBeingBroughtBack() throws Exception {
        Files.writeString(temporary.resolve("drill-log.json"), "{");

        Drill drill = started(drills(threads), new PointChoice.At(first));

        assertThat(logged()).extracting(DrillLog.Drilled::id).containsExactly(drill.id());
    }

    @Test
    void aDrillOfAGroupHasTheDisksOfAllItsVmsAtOneSequence() throws Exception {
        Drills drills = drills(threads);
        Sequence at = group();

        Drill drill = startedOfGroup(drills, new PointChoice.At(at));

        assertThat(drill.vms())
                .extracting(vm -> vm.point().point().vm().name())
                .containsExactly(OTHER.name(), VM.name());
        assertThat(drill.disks())
                .extracting(Drill.DrillDisk::export)
                .containsExactly(drill.id() + "/vm2/disk0", drill.id() + "/vm1/disk0", drill.id() + "/vm1/disk1");
        for (Drill.DrillDisk each : drill.disks()) {
            assertThat(client(each).read(0, DISK))
                    .contains(source.diskAt(each.disk().id(), at));
        }
        assertThat(drills.all()).as("it is one drill").hasSize(1);
    }

    @Test
    void theVerdictOnAGroupIsOnRecordForEachOfItsVmsAndForTheGroup() throws Exception {
        Drills drills = drills(threads);
        Sequence at = group();
        Drill ofVm = ((Drills.Outcome.Started)
                        owner.await(drills.start(replica.now(), VM.id(), new PointChoice.Latest())))
                .drill();
        Drill ofGroup = startedOfGroup(drills, new PointChoice.At(at));

        drills.delete(ofGroup.id(), new Verdict(Verdict.Result.PASSED, "the shop sells"));
        drills.delete(ofVm.id(), new Verdict(Verdict.Result.PASSED, ""));

        assertThat(log().lastPassed(OTHER.id()).map(DrillLog.Drilled::id)).contains(ofGroup.id());
        assertThat(log().at(SourceStage.JOURNAL, List.of(VM.id(), OTHER.id()), at))
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.id()).isEqualTo(ofGroup.id());
                    assertThat(each.verdict().note()).isEqualTo("the shop sells");
                });
    }

    @Test
    void aGroupOfWhichOneDiskCannotBeMountedIsNotDrilledAtAllAndKeepsNothing() throws Exception {
        Drills drills = drills(threads);
        Sequence at = group();
        Path drillFolder = temporary.resolve("drills");
        try (Stream<Path> none = Files.list(drillFolder)) {
            assertThat(none).isEmpty();
        }
        Files.delete(drillFolder);

        boolean failed = owner.await(drills.start(replica.now(), SHOP, new PointChoice.At(at))
                .handle((outcome, failure) -> failure != null));

        assertThat(failed).isTrue();
        assertThat(drills.all()).isEmpty();
        Files.createDirectories(drillFolder);
        source.write(VM, 0, 0, 8192, 7);
        Sequence newest = source.cut();
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().floor()).as("the point is not held").isEqualTo(newest);
        startedOfGroup(drills, new PointChoice.Latest());
    }

    /** Both VMs in a group; a point of it that is a flush of one. */
    private Sequence group() {
        source.define(VM.in(Optional.of(new Membership(SHOP, 2, 30))));
        source.define(OTHER);
        source.write(OTHER, 0, 0, 4096, 5);
        Sequence at = source.flush(OTHER, 0);
        source.write(VM, 1, 0, 4096, 6);
        source.flush(VM, 1);
        replica.shipAll(source);
        return at;
    }

    private Drill startedOfGroup(Drills drills, PointChoice choice) {
        return ((Drills.Outcome.Started) owner.await(drills.start(replica.now(), SHOP, choice))).drill();
    }

    private void tooMuchForOldPoints() {
        for (int i = 0; i < 5; i++) {
            source.write(VM, 0, 0, 32 << 10, i);
            source.flush(VM, 0);
            replica.shipAll(source);
            owner.pass(ReplicaStage.WINDOW);
        }
        owner.until(() -> replica.status().floor().isAfter(first));
    }

    private Drills drills(Executor blocking) throws Exception {
        return new Drills(
                temporary.resolve("drills"),
                exports,
                log(),
                blocking,
                new Random(5),
                InstantSource.system(),
                replica.events,
                LIMIT,
                keptFreeBytes);
    }

    private DrillLog log() {
        return DrillLog.open(new FolderFiles(temporary), Instant.EPOCH);
    }

    private List<DrillLog.Drilled> logged() {
        return log().at(SourceStage.JOURNAL, VM.id(), first);
    }

    private Drill started(Drills drills, PointChoice choice) {
        return ((Drills.Outcome.Started) owner.await(drills.start(replica.now(), VM.id(), choice))).drill();
    }

    private StagedClient client(Drill.DrillDisk disk) {
        return StagedClient.open(exports, disk.export()).orElseThrow();
    }

    private void runKept() {
        for (Runnable next = kept.poll(); next != null; next = kept.poll()) {
            next.run();
        }
    }

    private static long files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(each -> !each.equals(folder)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
