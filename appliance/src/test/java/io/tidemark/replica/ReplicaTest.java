package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Resume;
import io.tidemark.stage.RecordedDownlink;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One replica on a real journal and real volumes. */
class ReplicaTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final Vm OTHER = SourceStage.vm(2, AttachMode.DIRECT, 1);
    private static final Vm FANOUT = SourceStage.vm(3, AttachMode.FANOUT, 1);

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private SourceStage source;
    private ReplicaStage replica;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, ReplicaStage.SETTINGS);
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void aNewReplicaHasNothing() {
        replica.connect();

        assertThat(replica.link().resume).contains(new Resume.Nothing());
    }

    @Test
    void aSessionGoesOnBehindTheLastRecordAndSaysWhichItIs() throws Exception {
        source.define(VM);
        replica.shipAll(source);
        source.reopen(temporary.resolve("source"));
        Sequence last = source.flush(VM, 0);
        source.durable();
        replica.shipAll(source);

        replica.connect();

        assertThat(replica.link().resume)
                .contains(new Resume.After(last, source.journal().checksum(last), new Incarnation(502)));
    }

    @Test
    void rangesOfSeveralConnectionsArePutInOrder() {
        source.define(VM);
        for (int i = 0; i < 40; i++) {
            source.write(VM, 0, i * 512L, 512, i);
        }
        List<Range> ranges = source.ranges(Sequence.NONE, 2 << 10);
        assertThat(ranges).hasSizeGreaterThan(5);
        replica.connect();

        ranges.reversed().forEach(replica::deliver);

        owner.until(() -> replica.link().durable().equals(source.journal().appended()));
        assertThat(replica.link().received()).isEqualTo(source.journal().appended());
        assertThat(replica.leases()).isZero();
    }

    @Test
    void whatWaitsForItsTurnIsGivenUpWithTheSession() {
        source.define(VM);
        for (int i = 0; i < 40; i++) {
            source.write(VM, 0, i * 512L, 512, i);
        }
        List<Range> ranges = source.ranges(Sequence.NONE, 2 << 10);
        replica.connect();
        ranges.subList(1, ranges.size()).forEach(replica::deliver);
        assertThat(replica.leases()).isEqualTo(ranges.size() - 1);

        replica.disconnect();

        assertThat(replica.leases()).isZero();
        assertThat(replica.status().received()).isEqualTo(Sequence.NONE);
        assertThat(replica.status().connected()).isFalse();
    }

    @Test
    void onlyWhatWasForcedIsAcknowledgedAsDurableAndOffered() {
        source.define(VM);
        Sequence flush = source.flush(VM, 0);
        List<Range> ranges = source.ranges(Sequence.NONE, 1 << 20);
        replica.connect();
        replica.segments.hold();

        ranges.forEach(replica::deliver);
        owner.until(() -> replica.link().received().equals(flush));

        assertThat(replica.link().durable()).isEqualTo(Sequence.NONE);
        assertThat(replica.points(VM)).isEmpty();

        replica.segments.release();
        owner.until(() -> replica.link().durable().equals(flush));
        assertThat(replica.points(VM)).extracting(RecoveryPoint::sequence).containsExactly(flush);
    }

    @Test
    void aDamagedRecordIsRefusedAndNothingOfItsRangeIsKept() {
        source.define(VM);
        source.write(VM, 0, 0, 512, 1);
        Range range = source.ranges(Sequence.NONE, 1 << 20).getFirst();
        ByteBuffer body = range.body();
        body.put(body.limit() - 100, (byte) (body.get(body.limit() - 100) + 1));
        replica.connect();

        replica.deliver(range);

        assertThat(replica.link().refusals).containsExactly(ErrorCode.PROTOCOL);
        assertThat(replica.status().received()).isEqualTo(Sequence.NONE);
    }

    @Test
    void aRangeThatWasSentBeforeIsRefusedAndChangesNothing() {
        source.define(VM);
        source.flush(VM, 0);
        Range range = source.ranges(Sequence.NONE, 1 << 20).getFirst();
        replica.connect();
        replica.deliver(range);
        owner.until(() -> replica.link().received().equals(range.last())); // there may be no segment for it yet

        replica.deliver(range);

        assertThat(replica.link().refusals).containsExactly(ErrorCode.PROTOCOL);
        assertThat(replica.status().received()).isEqualTo(range.last());
        assertThat(replica.leases()).isZero();
    }

    @Test
    void aSenderThatBeginsElsewhereIsRefused() {
        replica.connect();

        replica.now().onStart(new Sequence(5));

        assertThat(replica.link().refusals).containsExactly(ErrorCode.PROTOCOL);
    }

    @Test
    void aSenderIsToldWhenTheStorageFails() {
        source.define(VM);
        List<Range> ranges = source.ranges(Sequence.NONE, 1 << 20);
        replica.connect();
        replica.segments.fail();

        ranges.forEach(replica::deliver);
        owner.until(() -> !replica.link().refusals.isEmpty());

        assertThat(replica.link().refusals).containsExactly(ErrorCode.STORAGE);
        assertThat(replica.link().durable()).isEqualTo(Sequence.NONE);
        assertThat(replica.status().problems()).isNotEmpty();

        // And so is the next one: it must not ship into nothing.
        RecordedDownlink next = new RecordedDownlink(SourceStage.JOURNAL);
        replica.disconnect();
        replica.now().onOpened(next);
        owner.runWaiting();
        assertThat(next.refusals).containsExactly(ErrorCode.STORAGE);
        assertThat(next.resume).isEmpty();
    }

    @Test
    void aPointIsOneSequenceOverAllDisks() {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.write(VM, 1, 8192, 4096, 2);
        Sequence flush = source.flush(VM, 0);
        source.write(VM, 1, 8192, 4096, 3);
        replica.shipAll(source);

        HeldPoint point = replica.hold(VM, new PointChoice.Latest()).orElseThrow();

        assertThat(point.point().sequence()).isEqualTo(flush);
        assertThat(point.point().vm()).isEqualTo(VM);
        assertThatBothDisksAreAsAt(point, flush);
    }

    @Test
    void choosesByTimeAndBySequenceAndOnlyWhatIsConsistent() {
        source.define(FANOUT);
        Sequence inCopy = source.cut();
        Sequence end = source.append(new Entry.CopyEnd(FANOUT.disks().getFirst().id(), Epoch.FIRST, Side.INTAKE));
        Sequence flush = source.flush(FANOUT, 0);
        replica.shipAll(source);
        List<RecoveryPoint> points = replica.points(FANOUT);

        assertThat(points).extracting(RecoveryPoint::sequence).containsExactly(inCopy, end, flush);
        assertThat(points).extracting(RecoveryPoint::consistent).containsExactly(false, true, true);
        assertThat(replica.hold(FANOUT, new PointChoice.At(inCopy))).isEmpty();
        assertThat(replica.hold(FANOUT, new PointChoice.At(flush.next()))).isEmpty();
        assertThat(replica.hold(FANOUT, new PointChoice.At(end)))
                .map(HeldPoint::point)
                .contains(points.get(1));
        assertThat(replica.hold(FANOUT, new PointChoice.NotAfter(points.get(2).time())))
                .map(HeldPoint::point)
                .contains(points.get(2));
        assertThat(replica.hold(
                        FANOUT, new PointChoice.NotAfter(points.get(1).time().minusSeconds(60))))
                .isEmpty();
    }

    @Test
    void aGapWithdrawsThePointsBehindIt() {
        source.define(FANOUT);
        Sequence good =
                source.append(new Entry.CopyEnd(FANOUT.disks().getFirst().id(), Epoch.FIRST, Side.INTAKE));
        Sequence doubtful = source.flush(FANOUT, 0);
        replica.shipAll(source);
        assertThat(replica.points(FANOUT)).allMatch(RecoveryPoint::consistent);

        source.append(new Entry.Gap(FANOUT.disks().getFirst().id(), good, "the connection was lost"));
        Sequence later = source.flush(FANOUT, 0);
        replica.shipAll(source);

        assertThat(replica.points(FANOUT))
                .extracting(RecoveryPoint::sequence, RecoveryPoint::consistent)
                .containsExactly(tuple(good, true), tuple(doubtful, false), tuple(later, false));
        assertThat(replica.hold(FANOUT, new PointChoice.Latest()))
                .map(point -> point.point().sequence())
                .contains(good);

        replica.restart();
        assertThat(replica.points(FANOUT)).extracting(RecoveryPoint::consistent).containsExactly(true, false, false);
    }

    @Test
    void foldsWhatHasLeftTheWindowUpToTheEndOfAnEpoch() {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence first = source.flush(VM, 0);
        source.write(VM, 1, 0, 4096, 2);
        replica.shipAll(source);
        replica.pass(Duration.ofMinutes(1));
        source.write(VM, 0, 4096, 4096, 3);
        Sequence second = source.flush(VM, 1);

        replica.shipAll(source);
        replica.pass(ReplicaStage.WINDOW.minusMinutes(1));
        assertThat(replica.status().floor()).isEqualTo(Sequence.NONE);
        replica.pass(Duration.ofSeconds(1));

        // The write behind the first flush was received in time too, but its epoch had not ended.
        assertThat(replica.status().floor()).isEqualTo(first);
        assertThat(replica.link().acks.getLast().floor()).isEqualTo(Sequence.NONE); // nobody is connected
        assertThat(replica.points(VM)).extracting(RecoveryPoint::sequence).containsExactly(first, second);
        for (Sequence each : List.of(first, second)) {
            assertThatBothDisksAreAsAt(
                    replica.hold(VM, new PointChoice.At(each)).orElseThrow(), each);
        }
        replica.restart();
        assertThat(replica.points(VM)).extracting(RecoveryPoint::sequence).containsExactly(first, second);
        assertThatBothDisksAreAsAt(replica.hold(VM, new PointChoice.At(first)).orElseThrow(), first);
    }

    @Test
    void foldingGoesOnFromTheMiddleOfARangeAfterARestart() {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence first = source.flush(VM, 0);
        source.write(VM, 0, 0, 4096, 2);
        replica.connect();
        source.ranges(Sequence.NONE, 1 << 20).forEach(replica::deliver);
        owner.until(() -> replica.link().durable().isAfter(first));
        replica.disconnect();
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().applied()).isEqualTo(first);

        replica.restart();
        Sequence second = source.flush(VM, 0);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(replica.status().applied()).isEqualTo(second);
        assertThatBothDisksAreAsAt(replica.hold(VM, new PointChoice.At(second)).orElseThrow(), second);
    }

    /** A source that fills the journal between two looks at it must not leave it full for good. */
    @Test
    void moreThanAWindowInBytesMayComeInAMoment() throws Exception {
        ReplicaSettings narrow = new ReplicaSettings(
                ReplicaStage.WINDOW, 64 << 10, 64 << 20, Duration.ofSeconds(1), 1L << 30, 1L << 30, 1);
        try (ReplicaStage fast = new ReplicaStage(owner, temporary, narrow)) {
            source.define(VM);
            List<Sequence> flushes = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                source.write(VM, 0, 0, 32 << 10, i);
                flushes.add(source.flush(VM, 0));
            }
            fast.shipAll(source);

            fast.pass(Duration.ofSeconds(1));

            assertThat(fast.status().floor()).isIn(flushes.subList(6, 9));
        }
    }

    /** Else a small journal is full before anybody looks, and the source behind it. */
    @Test
    void whatComesFastLeavesTheWindowBeforeTheNextLook() throws Exception {
        ReplicaSettings narrow =
                new ReplicaSettings(ReplicaStage.WINDOW, 64 << 10, 64 << 20, Duration.ofDays(1), 1L << 30, 1L << 30, 1);
        try (ReplicaStage fast = new ReplicaStage(owner, temporary, narrow)) {
            source.define(VM);
            List<Sequence> flushes = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                source.write(VM, 0, 0, 32 << 10, i);
                flushes.add(source.flush(VM, 0));
                fast.shipAll(source);
            }

            assertThat(fast.status().floor()).isIn(flushes.subList(5, 9));
        }
    }

    @Test
    void aWindowInBytesCountsWhatCameBeforeAKill() throws Exception {
        ReplicaSettings narrow = new ReplicaSettings(
                ReplicaStage.WINDOW, 64 << 10, 64 << 20, Duration.ofSeconds(1), 1L << 30, 1L << 30, 1);
        try (ReplicaStage killed = new ReplicaStage(owner, temporary, narrow)) {
            source.define(VM);
            List<Sequence> flushes = new ArrayList<>();
            for (int life = 0; life < 5; life++) {
                for (int i = 0; i < 8; i++) {
                    source.write(VM, 0, i * 4096L, 4096, life);
                }
                flushes.add(source.flush(VM, 0));
                source.durable();
                killed.shipAll(source);
                killed.kill();
            }

            // When: nothing more comes
            killed.pass(Duration.ofSeconds(5));

            // Then: three lives are more than the window, two are less
            assertThat(killed.status().floor()).isEqualTo(flushes.get(2));
            assertThat(killed.points(VM))
                    .extracting(RecoveryPoint::sequence)
                    .containsExactlyElementsOf(flushes.subList(2, 5));
        }
    }

    @Test
    void theLastGoodPointOutlivesTheWindowWhileACopyRuns() {
        source.define(FANOUT);
        source.write(FANOUT, 0, 0, 4096, 1);
        Sequence good =
                source.append(new Entry.CopyEnd(FANOUT.disks().getFirst().id(), Epoch.FIRST, Side.INTAKE));
        source.append(new Entry.CopyBegin(FANOUT.disks().getFirst().id(), Epoch.FIRST, Side.INTAKE));
        source.write(FANOUT, 0, 0, 4096, 2);
        source.cut();
        replica.shipAll(source);

        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(3));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(3));

        assertThat(replica.status().floor()).isEqualTo(good);
        HeldPoint point = replica.hold(FANOUT, new PointChoice.Latest()).orElseThrow();
        assertThat(point.point().sequence()).isEqualTo(good);
        assertThat(ReplicaStage.read(point, FANOUT.disks().getFirst()))
                .isEqualTo(source.diskAt(FANOUT.disks().getFirst().id(), good));
    }

    @Test
    void aHeldPointIsNeverFoldedAway() {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence first = source.flush(VM, 0);
        replica.shipAll(source);
        HeldPoint held = replica.hold(VM, new PointChoice.Latest()).orElseThrow();
        source.write(VM, 0, 0, 4096, 2);
        Sequence second = source.flush(VM, 0);
        replica.shipAll(source);

        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(replica.status().floor()).isEqualTo(first);
        assertThatBothDisksAreAsAt(held, first);

        held.hold().close();
        replica.pass(Duration.ofSeconds(1));
        assertThat(replica.status().floor()).isEqualTo(second);
    }

    @Test
    void aVmThatIsNoLongerProtectedHoldsNothingBack() {
        source.define(VM);
        source.define(OTHER);
        source.write(OTHER, 0, 0, 512, 1);
        source.flush(OTHER, 0);
        source.append(new Entry.VmRemoved(OTHER.id()));
        source.write(VM, 0, 0, 512, 1);
        Sequence last = source.flush(VM, 0);
        replica.shipAll(source);
        assertThat(replica.points(OTHER)).isNotEmpty();

        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(replica.status().floor()).isEqualTo(last);
        assertThat(replica.points(OTHER)).isEmpty();
        assertThat(owner.await(replica.now().vms())).containsExactly(VM);
    }

    @Test
    void anIdleVmKeepsItsPointWhateverOthersWrite() {
        source.define(VM);
        source.write(VM, 0, 0, 512, 1);
        Sequence point = source.flush(VM, 0);
        source.define(OTHER);
        replica.shipAll(source);
        for (int i = 0; i < 20; i++) {
            source.write(OTHER, 0, 0, 4096, i);
            source.cut();
            replica.shipAll(source);
            replica.pass(ReplicaStage.WINDOW);
        }

        HeldPoint newest = replica.hold(VM, new PointChoice.Latest()).orElseThrow();

        assertThat(newest.point().sequence()).isGreaterThanOrEqualTo(point);
        assertThatBothDisksAreAsAt(newest, newest.point().sequence());
        assertThat(replica.status().floor()).isGreaterThan(point);
    }

    @Test
    void agesSurviveRestartsHoweverOftenTheyCome() {
        source.define(VM);
        source.write(VM, 0, 0, 512, 1);
        Sequence flush = source.flush(VM, 0);
        replica.shipAll(source);

        for (int i = 0; i < 5; i++) {
            replica.pass(ReplicaStage.WINDOW.dividedBy(3));
            replica.restart();
        }
        replica.pass(Duration.ofSeconds(1));

        assertThat(replica.status().floor()).isEqualTo(flush);
    }

    @Test
    void agesSurviveAKillButForTheLastMinute() throws Exception {
        source.define(VM);
        Sequence flush = source.flush(VM, 0);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.minusMinutes(2));

        replica.kill();
        replica.pass(Duration.ofSeconds(1));
        assertThat(replica.status().floor()).isEqualTo(Sequence.NONE);
        replica.pass(Duration.ofMinutes(3));

        assertThat(replica.status().floor()).isEqualTo(flush);
    }

    @Test
    void foldingIsTriedAgainWhenItsStorageHasRecovered() throws Exception {
        source.define(VM);
        Sequence flush = source.flush(VM, 0);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        Path inTheWay = Files.createDirectory(replica.folder().resolve("replica.json.draft"));

        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().problems()).anyMatch(problem -> problem.contains("cannot be folded"));
        assertThat(replica.status().floor()).isEqualTo(Sequence.NONE);

        Files.delete(inTheWay);
        replica.pass(Duration.ofSeconds(1));
        assertThat(replica.status().problems()).isEmpty();
        assertThat(replica.status().floor()).isEqualTo(flush);
    }

    @Test
    void aLostJournalIsFoundOutBeforeAnythingIsOverwritten() throws Exception {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.flush(VM, 0);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().applied()).isNotEqualTo(Sequence.NONE);
        replica.stop();
        delete(replica.folder().resolve("journal"));

        assertThatThrownBy(replica::begin)
                .isInstanceOf(CompletionException.class)
                .hasStackTraceContaining("part of it is lost");

        RecordedDownlink link = new RecordedDownlink(SourceStage.JOURNAL);
        replica.now().onOpened(link);
        assertThat(link.refusals).containsExactly(ErrorCode.STORAGE);
        assertThat(replica.status().problems()).anyMatch(problem -> problem.contains("part of it is lost"));
    }

    @Test
    void nothingIsOpenedAgainOnceItIsClosed() {
        source.define(VM);
        replica.shipAll(source);
        replica.stop();

        assertThat(owner.await(replica.now().vms())).isEmpty();
        RecordedDownlink link = new RecordedDownlink(SourceStage.JOURNAL);
        replica.now().onOpened(link);
        assertThat(link.refusals).containsExactly(ErrorCode.BUSY);

        replica.begin(); // the journal's lock is free
        assertThat(owner.await(replica.now().vms())).containsExactly(VM);
    }

    private void assertThatBothDisksAreAsAt(HeldPoint point, Sequence at) {
        VM.disks().forEach(disk -> assertThat(ReplicaStage.read(point, disk)).isEqualTo(source.diskAt(disk.id(), at)));
    }

    private static void delete(Path tree) throws Exception {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
