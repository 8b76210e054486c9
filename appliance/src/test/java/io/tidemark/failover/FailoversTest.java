package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Failover.Stage;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Tenure;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failover over a real replica, which dies between its steps. The journal that takes the VM is the test's. */
class FailoversTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final ReplicaSettings NARROW =
            new ReplicaSettings(ReplicaStage.WINDOW, 1L << 30, 64 << 20, Duration.ofSeconds(1), 64 << 10, 64 << 10, 1);

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private final EventLog events = new EventLog(InstantSource.system());
    private StagedHome home;
    private final Queue<Runnable> copying = new ArrayDeque<>();
    private SourceStage source;
    private ReplicaStage replica;
    private Sequence point = Sequence.NONE;
    private Roles roles;
    private Failovers failovers;

    @BeforeEach
    void begin() throws Exception {
        home = new StagedHome(temporary.resolve("home"));
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, NARROW);
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.write(VM, 1, 0, 4096, 2);
        point = source.flush(VM, 0);
        source.write(VM, 0, 0, 2048, 3);
        source.flush(VM, 0);
        replica.shipAll(source);
        restart();
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void disksAreThoseOfThePointAndTheTermIsRaisedBeforeTheyCanBeUsed() throws Exception {
        home.onTake = () -> assertThat(roles.tenure(VM.id()).number()).isEqualTo(1);

        // When
        Failover promoted = start();

        // Then
        assertThat(promoted.stage()).isEqualTo(Stage.PROMOTED);
        assertThat(promoted.point()).isEqualTo(point);
        assertIsThePoint(promoted);
        assertThat(promoted.vm().disks())
                .allMatch(disk -> disk.attachMode() == AttachMode.DIRECT)
                .noneMatch(disk -> VM.has(disk.id()));
    }

    @Test
    void whatWasBegunGoesOnInTheNextLifeWithTheSameTermPointAndDisks() throws Exception {
        home.failures = 1;
        assertThatThrownBy(this::start).hasRootCauseMessage("no room");
        Failover begun = failovers.find(VM.name().text()).orElseThrow();
        assertThat(begun.stage()).isEqualTo(Stage.BEGUN);

        // When
        restart();

        // Then
        Failover promoted = failovers.find(VM.name().text()).orElseThrow();
        assertThat(promoted.stage()).isEqualTo(Stage.PROMOTED);
        assertThat(promoted.vm()).isEqualTo(begun.vm());
        assertThat(promoted.point()).isEqualTo(point);
        assertThat(roles.tenure(VM.id()).number()).isEqualTo(1);
        assertIsThePoint(promoted);
    }

    /** One has grown since and was written to there, the other one was taken out. */
    @Test
    void aPointHasTheDisksThatTheVmHadThere() throws Exception {
        Vm grown = SourceStage.grown(VM, 0, SourceStage.DISK_BYTES + (128 << 10));
        source.define(grown);
        source.write(grown, 0, SourceStage.DISK_BYTES + (64 << 10), 4096, 7);
        source.define(SourceStage.without(grown, 1));
        source.cut();
        replica.shipAll(source);

        // When
        Failover promoted = start();

        // Then
        assertThat(promoted.vm().disks())
                .extracting(Disk::sizeBytes)
                .containsExactly((long) SourceStage.DISK_BYTES, (long) SourceStage.DISK_BYTES);
        assertIsThePoint(promoted);

        // When
        copy();

        // Then
        assertThat(failovers.find(VM.name().text()).orElseThrow().stage()).isEqualTo(Stage.PLAIN);
        restart();
        assertIsThePoint(promoted);
    }

    @Test
    void askedForAgainItGoesOnToo() throws Exception {
        home.failures = 1;
        assertThatThrownBy(this::start).hasRootCauseMessage("no room");

        assertThat(start().stage()).isEqualTo(Stage.PROMOTED);
    }

    @Test
    void onceCopiedItNeedsTheReplicaNoMoreAlsoInTheNextLife() throws Exception {
        Failover promoted = start();
        restart();

        // When
        copy();

        // Then
        assertThat(failovers.find(VM.name().text()).orElseThrow().stage()).isEqualTo(Stage.PLAIN);
        Sequence aside = failovers.find(VM.name().text()).orElseThrow().aside();
        assertThat(aside).isGreaterThan(point);
        assertThat(failovers.promotedFrom(replica.now().journal())).contains(aside); // only what is to be found out yet
        restart();
        assertIsThePoint(promoted);
    }

    /** A drill's point is given up at that limit; a VM lives on this one. */
    @Test
    void noLimitGivesUpWhatAVmStandsOn() throws Exception {
        Failover promoted = start();
        for (int i = 0; i < 40; i++) {
            source.write(VM, 0, 0, 4096, 10 + i);
        }
        source.flush(VM, 0);
        replica.shipAll(source);

        // When
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        replica.pass(Duration.ofSeconds(2));

        // Then
        assertThat(replica.status().floor()).isLessThanOrEqualTo(point);
        assertIsThePoint(promoted);

        // When
        copy();
        assertThat(failovers.find(VM.name().text()).orElseThrow().stage()).isEqualTo(Stage.PLAIN);
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        replica.pass(Duration.ofSeconds(2));

        // Then: the window goes on
        assertThat(replica.status().floor()).isGreaterThan(point);
        assertIsThePoint(promoted);
    }

    @Test
    void aTermThatIsNewerByThenEndsIt() throws Exception {
        home.failures = 1;
        assertThatThrownBy(this::start).hasRootCauseMessage("no room");
        roles.claim(VM.id(), "here");
        roles.claim(VM.id(), "here");

        // When
        restart();

        // Then
        assertThat(failovers.find(VM.name().text()).orElseThrow().stage()).isEqualTo(Stage.REFUSED);
        assertThat(home.taken).isEmpty();
    }

    @Test
    void aPlannedOneIsRefusedWithoutItsSource() throws Exception {
        Failovers.Outcome outcome = ask(() -> failovers.startPlanned(replica.now(), VM));

        assertThat(outcome).isInstanceOf(Failovers.Outcome.Refused.class);
        assertThat(roles.tenure(VM.id())).isEqualTo(new Tenure.Unchanged());
        assertThat(failovers.all()).isEmpty();
    }

    private Failover start() {
        Failovers.Outcome outcome = ask(() -> failovers.start(replica.now(), VM, new PointChoice.At(point)));
        return ((Failovers.Outcome.Promoted) outcome).failover();
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

    private void copy() {
        ask(() -> {
            copying.remove().run();
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

    private void assertIsThePoint(Failover promoted) {
        promoted.vm().disks().forEach(disk -> {
            StreamId old = VM.disk(disk.name()).orElseThrow().id();
            byte[] read = ask(() -> home.read(disk.id(), disk.sizeBytes()));
            assertThat(read).isEqualTo(source.diskAt(old, point));
        });
    }
}
