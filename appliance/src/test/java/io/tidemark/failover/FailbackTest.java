package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.EventLog;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.ReplicaSettings;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Claim;
import io.tidemark.term.Claim.Kind;
import io.tidemark.term.Common;
import io.tidemark.term.Tenure;
import io.tidemark.term.Term;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import io.tidemark.volume.VolumeFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the new source decides to copy back, from what the old one says, over a real replica. The journal that has the VM is the test's. */
class FailbackTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final ReplicaSettings NARROW =
            new ReplicaSettings(ReplicaStage.WINDOW, 1L << 30, 64 << 20, Duration.ofSeconds(1), 64 << 10, 64 << 10, 1);
    private static final Roles.Journals SHARED = new Roles.Journals() {
        @Override
        public boolean share(String peer, VmId vm) {
            return true;
        }

        @Override
        public CompletableFuture<Optional<Sequence>> settle(VmId vm, Tenure tenure) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    };

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
    private Visit peer;

    /** Both disks were written to before the point, the first one behind it, too. */
    @BeforeEach
    void promote() throws Exception {
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
        ask(() -> failovers.start(replica.now(), VM, new PointChoice.At(point)));
        peer = new Visit(roles);
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void untilTheOldSourceHasSaidWhatItHasNothingIsDecidedAndTheCopyDoesNotEnd() {
        look();
        say(Kind.BASING, Common.of(firstDisk(), Sequence.NONE));
        look();

        assertThat(failovers.isUndecided(firstDisk())).isTrue();
        assertThat(home.released).isEmpty();
        assertThat(answers()).isEmpty();
    }

    @Test
    void onlyWhatTheOldSourceHasChangedBehindThePointIsLacking() {
        home.onRelease = () -> assertThat(decided()).isEqualTo(CopyBack.Kind.DIFFERENCE); // durably, before it may end

        // When
        say(Kind.BASED, theirs());
        look();

        // Then
        assertThat(blocks(0)).isEqualTo(1);
        assertThat(blocks(1)).isZero();
        assertThat(home.released).containsExactly(VM.id());
        assertThat(answers()).containsExactly(claim(Kind.AGREED, theirs()));
        assertThat(failovers.isUndecided(firstDisk())).isFalse();
    }

    @Test
    void whatComesWhenTheDisksAreHereAsAWholeCountsToo() throws Exception {
        ask(() -> {
            copying.remove().run();
            return true;
        });
        assertThat(failover().stage()).isEqualTo(Failover.Stage.PLAIN);
        source.write(VM, 1, 0, 512, 9);
        source.flush(VM, 1);
        replica.shipAll(source);

        // When
        say(Kind.BASED, theirs());
        look();

        // Then
        assertThat(blocks(0)).isEqualTo(1);
        assertThat(blocks(1)).isEqualTo(1);
    }

    /** The floor must not pass what is still to be looked up. */
    @Test
    void theReplicaKeepsWhatIsToBeLookedUpUntilItIsDecided() {
        ask(() -> {
            copying.remove().run();
            return true;
        });
        source.write(VM, 1, 0, 512, 9);
        source.flush(VM, 1);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(2));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        replica.pass(Duration.ofSeconds(2));
        Sequence kept = replica.status().floor();
        assertThat(kept).isEqualTo(failover().aside());

        // When
        say(Kind.BASED, theirs());
        look();
        replica.pass(Duration.ofSeconds(2));

        // Then
        assertThat(blocks(1)).isEqualTo(1);
        assertThat(replica.status().floor()).isGreaterThan(kept);
    }

    @Test
    void whatTheOldSourceHasToldOfIsWaitedFor() {
        source.write(VM, 1, 0, 512, 9);
        source.flush(VM, 1);
        source.durable();
        replica.connect();
        say(Kind.BASED, theirs());
        look();
        assertThat(decided()).isEqualTo(CopyBack.Kind.UNDECIDED);
        replica.disconnect();

        // When
        replica.shipAll(source);
        look();

        // Then
        assertThat(decided()).isEqualTo(CopyBack.Kind.DIFFERENCE);
        assertThat(blocks(1)).isEqualTo(1);
    }

    @Test
    void whatIsNotShippedIsNotWaitedForForEver() {
        source.write(VM, 1, 0, 512, 9);
        source.durable();
        say(Kind.BASED, theirs());
        look();

        // When
        owner.pass(FailoverPatience.defaults().copyBack().plusSeconds(1));
        look();

        // Then
        assertIsWhole("does not ship");
    }

    @Test
    void whoHasNothingGetsEverything() {
        say(Kind.BASELESS, Common.of(firstDisk(), Sequence.NONE));
        look();

        assertIsWhole("has nothing");
        assertThat(answers()).containsExactly(claim(Kind.WHOLE, Common.of(firstDisk(), Sequence.NONE)));
    }

    @Test
    void anotherHistoryGetsEverything() {
        Common theirs = theirs();
        say(Kind.BASED, new Common(theirs.disk(), theirs.journal(), theirs.last(), theirs.checksum() + 1));
        look();

        assertIsWhole("not the same");
    }

    @Test
    void aHistoryThatEndsBeforeThePointGetsEverything() {
        Common theirs = theirs();
        say(Kind.BASED, new Common(theirs.disk(), theirs.journal(), point.previous(), theirs.checksum()));
        look();

        assertIsWhole("before the point");
    }

    @Test
    void anotherLineageGetsEverything() {
        Common theirs = theirs();
        say(Kind.BASED, new Common(theirs.disk(), new JournalId(new UUID(9, 9)), theirs.last(), theirs.checksum()));
        look();

        assertIsWhole("not promoted from");
    }

    @Test
    void aSiteThatIsThereAndSaysNothingGetsEverything() {
        look();
        peer.end();
        owner.pass(FailoverPatience.defaults().copyBack().multipliedBy(3));
        look();
        assertThat(decided()).isEqualTo(CopyBack.Kind.UNDECIDED); // it is not there

        // When
        peer = new Visit(roles);
        look();
        owner.pass(FailoverPatience.defaults().copyBack().plusSeconds(1));
        look();

        // Then
        assertIsWhole("does not say");
    }

    @Test
    void whatIsSaidOfAnotherTimeIsPassedOver() {
        Common theirs = theirs();
        say(Kind.BASED, new Common(new StreamId(new UUID(8, 8)), theirs.journal(), theirs.last(), theirs.checksum()));
        look();

        assertThat(decided()).isEqualTo(CopyBack.Kind.UNDECIDED);
    }

    @Test
    void whatCouldNotBeRememberedIsDecidedAgainAlsoInTheNextLife() throws Exception {
        home.failures = 1;
        say(Kind.BASED, theirs());
        look();
        assertThat(decided()).isEqualTo(CopyBack.Kind.UNDECIDED);
        assertThat(home.released).isEmpty();

        // When
        restart();
        peer = new Visit(roles);
        say(Kind.BASED, theirs());
        look();

        // Then
        assertThat(decided()).isEqualTo(CopyBack.Kind.DIFFERENCE);
        assertThat(blocks(0)).isEqualTo(1);
    }

    @Test
    void whoSaysItAgainIsAnsweredAgainAlsoByTheNextLife() throws Exception {
        say(Kind.BASED, theirs());
        look();

        // When
        restart();
        peer = new Visit(roles);
        say(Kind.BASED, theirs());
        look();
        say(Kind.BASED, theirs());
        look();

        // Then
        assertThat(answers()).containsExactly(claim(Kind.AGREED, theirs()), claim(Kind.AGREED, theirs()));
        assertThat(home.copiedAgain).isEqualTo(Sequence.NONE);
    }

    /** It was put back to an older state: what it has is not what was agreed on. */
    @Test
    void whoHasSomethingElseThanWasAgreedOnGetsEverythingAndIsToldFromWhereOnPointsCount() {
        say(Kind.BASED, theirs());
        look();

        // When
        say(Kind.BASING, Common.of(firstDisk(), Sequence.NONE));
        look();
        say(Kind.BASED, theirs());
        look();

        // Then
        Claim whole = claim(Kind.WHOLE, Common.of(firstDisk(), new Sequence(1)));
        assertThat(answers()).containsExactly(claim(Kind.AGREED, theirs()), whole, whole);
        assertThat(home.copiedAgain).isEqualTo(new Sequence(1));
        assertThat(decided()).isEqualTo(CopyBack.Kind.WHOLE);
    }

    /** The other site may have let a disk that was added begin with one of its own. */
    @Test
    void aVmThatHasGotADiskSinceIsCopiedAsAWholeAndThatDiskToo() {
        Disk added = SourceStage.vm(9, AttachMode.DIRECT, 1).disks().getFirst();
        home.taken.put(
                VM.id(),
                SourceStage.with(
                        failover().vm(),
                        new Disk(
                                added.id(),
                                new Name("more"),
                                added.sizeBytes(),
                                added.attachMode(),
                                added.acknowledge())));

        // When
        say(Kind.BASED, theirs());
        look();

        // Then
        assertIsWhole("not those any more");
        assertThat(home.copiedAgain).isEqualTo(new Sequence(1));
        assertThat(answers()).containsExactly(claim(Kind.WHOLE, Common.of(firstDisk(), new Sequence(1))));
    }

    @Test
    void whoKnowsTheVmByAnotherDiskIsAnsweredByThatOne() {
        StreamId second = failover().vm().disks().get(1).id();
        home.taken.put(VM.id(), SourceStage.without(failover().vm(), 0));

        // When
        say(Kind.BASELESS, Common.of(second, Sequence.NONE));
        look();

        // Then
        assertIsWhole("has nothing");
        assertThat(answers()).containsExactly(claim(Kind.WHOLE, Common.of(second, Sequence.NONE)));
    }

    private void assertIsWhole(String why) {
        assertThat(decided()).isEqualTo(CopyBack.Kind.WHOLE);
        assertThat(failover().copyBack().reason()).contains(why);
        assertThat(home.lacking.get(VM.id())).isEqualTo(Map.of());
        assertThat(home.released).containsExactly(VM.id());
    }

    private CopyBack.Kind decided() {
        return failover().copyBack().kind();
    }

    private Failover failover() {
        return failovers.find(VM.name().text()).orElseThrow();
    }

    private StreamId firstDisk() {
        return failover().firstDisk();
    }

    private long blocks(int disk) {
        StreamId stream = failover().vm().disks().get(disk).id();
        return Optional.ofNullable(home.lacking.get(VM.id()))
                .map(lacking -> lacking.get(stream))
                .orElseThrow()
                .count();
    }

    /** All that the source has. */
    private Common theirs() {
        Sequence last = source.journal().appended();
        return new Common(
                firstDisk(), SourceStage.JOURNAL, last, source.journal().checksum(last));
    }

    private void say(Kind kind, Common common) {
        peer.hears(claim(kind, common));
    }

    private Claim claim(Kind kind, Common common) {
        return new Claim(VM.id(), new Term(1, "there"), kind, common);
    }

    private List<Claim> answers() {
        return peer.told(Kind.AGREED, Kind.WHOLE);
    }

    private void look() {
        ask(() -> {
            failovers.failback().look();
            return true;
        });
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
        roles.begin(SHARED);
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
}
