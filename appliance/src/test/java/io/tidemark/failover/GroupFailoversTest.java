package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Failover.Stage;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.replica.HeldGroup;
import io.tidemark.replica.PointChoice;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Tenure;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The failover of a group over a real replica, which dies between its steps: all or none, whenever that is. */
class GroupFailoversTest {

    private static final Name SHOP = new Name("webshop");
    private static final Vm WEB = SourceStage.vm(1, AttachMode.DIRECT, 1).in(in(3));
    private static final Vm DB = SourceStage.vm(2, AttachMode.DIRECT, 2).in(in(1));
    private static final Vm CACHE = SourceStage.vm(3, AttachMode.DIRECT, 1).in(in(2));
    private static final List<Vm> IN_START_ORDER = List.of(DB, CACHE, WEB);

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private final EventLog events = new EventLog(InstantSource.system());
    private final Queue<Runnable> copying = new ArrayDeque<>();
    private StagedHome home;
    private SourceStage source;
    private ReplicaStage replica;
    private Sequence point = Sequence.NONE;
    private Roles roles;
    private Failovers failovers;

    @BeforeEach
    void begin() throws Exception {
        home = new StagedHome(temporary.resolve("home"));
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, ReplicaStage.SETTINGS);
        for (Vm vm : List.of(WEB, DB, CACHE)) {
            source.define(vm);
            source.write(vm, 0, 0, 4096, 1);
        }
        source.write(DB, 1, 0, 4096, 2);
        point = source.flush(WEB, 0); // the others are in the middle of an epoch
        source.write(DB, 0, 0, 2048, 3);
        source.write(CACHE, 0, 0, 2048, 4);
        source.flush(DB, 0);
        replica.shipAll(source);
        restart();
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void allAreThoseOfOneSequenceAndComeInStartOrder() throws Exception {
        Failovers.Outcome outcome = start(new PointChoice.At(point));

        assertThat(outcome).isInstanceOfSatisfying(Failovers.Outcome.AllPromoted.class, promoted -> assertThat(
                        promoted.failovers())
                .extracting(each -> each.vm().name())
                .containsExactly(DB.name(), CACHE.name(), WEB.name()));
        assertAllAreAtThePoint();
        assertThat(groupFiles()).isEmpty();
        assertThat(failovers.find("vm2").orElseThrow().vm().group()).isEqualTo(DB.group());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aDeathInTheMiddleGoesOnForAllAtTheSamePointWithTheSameTermsAndDisks(int promotedBefore) throws Exception {
        dieAtTake(promotedBefore);
        assertThatThrownBy(() -> start(new PointChoice.At(point))).hasRootCauseMessage("died");
        assertThat(groupFiles()).hasSize(1);
        List<Vm> begun = failovers.all().stream().map(Failover::vm).toList();
        assertThat(begun).hasSize(3);

        // When
        home.onTake = () -> {};
        restart();

        // Then
        assertAllAreAtThePoint();
        assertThat(failovers.all()).extracting(Failover::vm).containsExactlyInAnyOrderElementsOf(begun);
        assertThat(groupFiles()).isEmpty();
        restart();
        assertAllAreAtThePoint();
    }

    /** Nothing but the file of the group is there: no term is raised, and no VM has a file. */
    @Test
    void aDeathBeforeTheFirstVmIsTouchedGoesOnForAll() throws Exception {
        begunOnDisk(false);

        restart();

        assertAllAreAtThePoint();
        assertThat(groupFiles()).isEmpty();
    }

    /** In a planned one the files of the VMs still say that they are only wanted, which by itself would end in a refusal. */
    @Test
    void whatWasOnlyWantedIsBegunOnceTheGroupIs() throws Exception {
        begunOnDisk(true);

        restart();

        assertAllAreAtThePoint();
    }

    @Test
    void aDeathBeforeTheGroupIsForgottenDoesNothingTwice() throws Exception {
        byte[][] file = new byte[1][];
        home.onTake = () -> file[0] = read(groupFiles().getFirst());
        start(new PointChoice.At(point));
        Path group = temporary.resolve("failovers/groups/" + SourceStage.JOURNAL + "-webshop.json");
        Files.write(group, file[0]);
        List<Failover> before = List.copyOf(failovers.all());
        home.onTake = () -> {
            throw new IllegalStateException("taken again");
        };

        // When
        restart();

        // Then
        assertThat(failovers.all()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(groupFiles()).isEmpty();
    }

    @Test
    void askedForAgainItGoesOnAtItsPointWhateverIsAskedFor() throws Exception {
        dieAtTake(2);
        assertThatThrownBy(() -> start(new PointChoice.At(point))).hasRootCauseMessage("died");
        home.onTake = () -> {};

        Failovers.Outcome outcome = start(new PointChoice.Latest());

        assertThat(outcome).isInstanceOf(Failovers.Outcome.AllPromoted.class);
        assertAllAreAtThePoint();
    }

    @Test
    void thePointIsKeptForAllUntilTheLastIsCopied() throws Exception {
        begunOnDisk(false);
        restart();
        source.write(WEB, 0, 0, 4096, 9);
        source.cut();
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));

        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(replica.status().floor()).isLessThanOrEqualTo(point);
        assertAllAreAtThePoint();
    }

    @Test
    void oneThatCannotComeKeepsAllFromBeingTouched() throws Exception {
        home.objections.put(CACHE.id(), "VM vm3 is protected here already");

        Failovers.Outcome outcome = start(new PointChoice.At(point));

        assertThat(outcome).isEqualTo(new Failovers.Outcome.Refused("VM vm3 is protected here already"));
        assertNothingHasChanged();
    }

    @Test
    void aVmThatHasLeftTheGroupSinceIsNotPulledAlong() throws Exception {
        source.define(CACHE.in(Optional.empty()));
        source.write(WEB, 0, 0, 512, 1);
        Sequence without = source.flush(WEB, 0);
        replica.shipAll(source);

        Failovers.Outcome outcome = start(new PointChoice.At(point));

        assertThat(outcome)
                .isInstanceOfSatisfying(Failovers.Outcome.Refused.class, refused -> assertThat(refused.reason())
                        .contains("VM vm3", "has left group webshop"));
        assertNothingHasChanged();

        // When
        Failovers.Outcome later = start(new PointChoice.Latest());

        // Then
        assertThat(later).isInstanceOfSatisfying(Failovers.Outcome.AllPromoted.class, promoted -> assertThat(
                        promoted.failovers())
                .allMatch(each -> each.point().equals(without))
                .extracting(each -> each.vm().name())
                .containsExactly(DB.name(), WEB.name()));
    }

    @Test
    void whatIsNoPointOfTheGroupIsNone() throws Exception {
        assertThat(start(new PointChoice.At(point.next()))).isEqualTo(new Failovers.Outcome.NoSuchPoint());
        assertNothingHasChanged();
    }

    @Test
    void aPlannedOneIsRefusedWithoutItsSource() throws Exception {
        Failovers.Outcome outcome = ask(() -> failovers.startPlanned(replica.now(), SHOP));

        assertThat(outcome).isInstanceOf(Failovers.Outcome.Refused.class);
        assertNothingHasChanged();
    }

    @Test
    void aVmWhoseProtectionEndsWhileOthersAreStuckIsNotBegunAgain() throws Exception {
        begunOnDisk(false);
        FailoverFiles files = new FailoverFiles(new FolderFiles(temporary.resolve("failovers")));
        Failover db = files.find(DB.id()).orElseThrow();
        files.update(db, begun -> begun.promoted(point));

        // When
        files.delete(db);

        // Then
        FailoverFiles next = new FailoverFiles(new FolderFiles(temporary.resolve("failovers")));
        assertThat(next.find(DB.id())).isEmpty();
        assertThat(next.find(WEB.id()).orElseThrow().stage()).isEqualTo(Stage.BEGUN);
    }

    private Failovers.Outcome start(PointChoice choice) {
        return ask(() -> failovers.start(replica.now(), SHOP, choice));
    }

    /** From this take on, counted from 1, all fail until the next life. */
    private void dieAtTake(int number) {
        int[] takes = {0};
        home.onTake = () -> {
            if (++takes[0] >= number) {
                throw new IllegalStateException("died");
            }
        };
    }

    /** What a life has left that had just begun. */
    private void begunOnDisk(boolean planned) throws IOException {
        FailoverFiles files = new FailoverFiles(new FolderFiles(temporary.resolve("failovers")));
        Drafts drafts = new Drafts(files, roles, home, InstantSource.system());
        HeldGroup held = owner.await(replica.now().hold(SHOP, new PointChoice.At(point), () -> {}))
                .orElseThrow();
        List<Failover> begun = held.vms().stream()
                .map(each ->
                        drafts.begun(drafts.wanted(replica.now(), each.point().vm(), planned), each.point()))
                .toList();
        if (planned) {
            for (Vm vm : IN_START_ORDER) {
                files.write(drafts.wanted(replica.now(), vm, true));
            }
        }
        files.begin(new GroupFailover(SHOP, SourceStage.JOURNAL.id(), begun));
        held.hold().close();
    }

    private void restart() throws Exception {
        copying.clear();
        home.close();
        roles = new Roles("there", new FolderFiles(temporary), Runnable::run);
        failovers = new Failovers(
                new Failovers.Parts(
                        new FolderFiles(temporary.resolve("failovers")),
                        "there",
                        roles,
                        home,
                        received -> new VolumeFolder(temporary.resolve("volumes")),
                        copying::add,
                        events,
                        InstantSource.system(),
                        owner::nanoTime),
                FailoverPatience.defaults());
        replica.promoted = () -> failovers.promotedFrom(replica.now().journal());
        home.open(failovers);
        ask(() -> {
            failovers.begin(journal -> Optional.of(replica.now()));
            return true;
        });
    }

    /** The test's thread is the owner of the replica, and must not wait. */
    private <T> T ask(Callable<T> question) {
        return owner.await(CompletableFuture.supplyAsync(() -> {
            try {
                return question.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }));
    }

    private void assertAllAreAtThePoint() {
        assertThat(home.taken.keySet()).containsExactlyInAnyOrder(WEB.id(), DB.id(), CACHE.id());
        for (Vm vm : IN_START_ORDER) {
            Failover promoted = failovers.find(vm.name().text()).orElseThrow();
            assertThat(promoted.stage()).isEqualTo(Stage.PROMOTED);
            assertThat(promoted.point()).isEqualTo(point);
            assertThat(roles.tenure(vm.id()).number()).isEqualTo(1);
            promoted.vm().disks().forEach(disk -> {
                StreamId old = vm.disk(disk.name()).orElseThrow().id();
                byte[] read = ask(() -> home.read(disk.id(), disk.sizeBytes()));
                assertThat(read).isEqualTo(source.diskAt(old, point));
            });
        }
    }

    private void assertNothingHasChanged() {
        assertThat(failovers.all()).isEmpty();
        assertThat(groupFiles()).isEmpty();
        assertThat(Stream.of(WEB, DB, CACHE).map(Vm::id).toList())
                .allMatch(vm -> roles.tenure(vm).equals(new Tenure.Unchanged()));
    }

    private List<Path> groupFiles() {
        Path folder = temporary.resolve("failovers/groups");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<Membership> in(int startOrder) {
        return Optional.of(new Membership(SHOP, startOrder, 0));
    }
}
