package io.tidemark.intake;

import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.intake.Connection.Request;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.nbd.Durability;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where epochs end and what an acknowledgement waits for. */
class FlushTest {

    private static final Vm DIRECT = vm(1, 0, AttachMode.DIRECT, AttachMode.DIRECT);
    private static final Vm MIRROR = vm(2, 10, AttachMode.MIRROR_ACTIVE, AttachMode.MIRROR_BACKGROUND);

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void begin() {
        site = Site.first(folder).with(DIRECT).with(MIRROR);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void aJournaledWriteIsAcknowledgedAtOnceAndItsMemoryGivenBack() {
        // When
        Request write = connect(DIRECT, 0).write(1);

        // Then
        assertThat(write.answer()).isEqualTo("done");
        assertThat(write.released()).isTrue();
        assertThat(site.journal.durable()).isLessThan(site.appended());
    }

    /** Else a power cut could take the whole life, and the next start would find one that had ended in good order. */
    @Test
    void theFirstAcknowledgementsOfALifeWaitUntilItHasLeftATrace() {
        site.close();
        site = new Site(folder, 2, LifeBefore.ENDED_CLEANLY, Map.of());
        site.owner.run();

        // When
        Request first = connect(DIRECT, 0).write(1);
        Request second = connect(DIRECT, 0).write(2);

        // Then
        assertThat(List.of(first, second)).extracting(Request::answer).containsOnly("");
        assertThat(first.released()).isTrue();

        // When
        site.hand.force();

        // Then
        assertThat(List.of(first, second)).extracting(Request::answer).containsOnly("done");
        assertThat(connect(DIRECT, 0).write(3).answer()).isEqualTo("done");
    }

    @Test
    void aDurableAcknowledgementWaitsForTheForceButNotTheMemory() {
        Connection direct = connect(DIRECT, 0);
        Connection mirror = connect(MIRROR, 0);

        // When: by the policy of the disk, and by FUA
        List<Request> writes = List.of(mirror.write(1), mirror.trim(2), direct.write(1, Durability.DURABLE));

        // Then
        assertThat(writes).extracting(Request::answer).containsOnly("");
        assertThat(writes.getFirst().released()).isTrue();

        // When
        site.hand.force();

        // Then
        assertThat(writes).extracting(Request::answer).containsOnly("done");
    }

    @Test
    void aFlushWaitsForWhatEveryConnectionHadWrittenBefore() {
        Connection one = connect(DIRECT, 0);
        Connection other = connect(DIRECT, 0);
        one.write(1);
        other.write(2);

        // When
        Request flush = one.flush();

        // Then
        assertThat(flush.answer()).isEmpty();
        site.hand.force();
        assertThat(flush.answer()).isEqualTo("done");
        assertThat(site.entries())
                .extracting(Object::getClass)
                .endsWith(Entry.Write.class, Entry.Write.class, Entry.Flush.class);
    }

    @Test
    void aFlushWaitsBehindWhatFoundNoRoom() {
        Connection one = connect(DIRECT, 0);
        Connection other = connect(DIRECT, 0);
        site.journal.room = Narrow.Room.NOT_READY;
        Request write = other.write(1);
        site.journal.room = Narrow.Room.PLENTY; // there is room now, but nobody was told yet

        // When
        Request flush = one.flush();
        site.hand.force();

        // Then
        assertThat(write.answer()).isEmpty();
        assertThat(flush.answer()).isEmpty();

        // When
        site.journal.wake();
        site.hand.force();

        // Then
        assertThat(write.answer()).isEqualTo("done");
        assertThat(flush.answer()).isEqualTo("done");
        assertThat(site.entries()).extracting(Object::getClass).endsWith(Entry.Write.class, Entry.Flush.class);
    }

    @Test
    void flushesOfManyStreamsShareOneForce() {
        Connection a = connect(DIRECT, 0);
        Connection b = connect(DIRECT, 1);
        a.write(1);
        b.write(1);

        // When
        List<Request> flushes = List.of(a.flush(), b.flush(), a.flush());

        // Then: one task for the forcer
        assertThat(site.hand.forcer.waiting()).isEqualTo(1);
        site.hand.forcer.step();
        site.owner.run();
        assertThat(flushes).extracting(Request::answer).containsOnly("done");
    }

    @Test
    void aFlushEndsAnEpochOnlyIfThereIsSomethingInIt() {
        Connection a = connect(DIRECT, 0);
        a.flush();
        a.write(1);
        a.flush();
        a.flush();

        // When
        a.write(2);

        // Then
        assertThat(site.entries().stream().filter(Entry.Flush.class::isInstance))
                .containsExactly(new Entry.Flush(DIRECT.disks().get(0).id(), Epoch.FIRST));
        assertThat(((Entry.Write) site.entries().getLast()).epoch()).isEqualTo(Epoch.FIRST.next());
    }

    @Test
    void aFlushOfAMirrorProvesNothingButIsDurable() {
        Connection mirror = connect(MIRROR, 0);
        mirror.write(1);

        // When
        Request flush = mirror.flush();

        // Then
        assertThat(flush.answer()).isEmpty();
        site.hand.force();
        assertThat(flush.answer()).isEqualTo("done");
        assertThat(site.entries()).noneMatch(Entry.Flush.class::isInstance);
        assertThat(site.points(MIRROR)).isEmpty();
    }

    @Test
    void theTimerEndsTheEpochsOfOrderedStreamsWithOneRecord() {
        connect(DIRECT, 0).write(1);
        connect(DIRECT, 1).write(1);
        connect(MIRROR, 1).write(1);

        // When
        site.owner.pass(Site.SETTINGS.cutInterval());

        // Then: the mirror in the background stays in its epoch
        assertThat(site.entries().stream().filter(Entry.Cut.class::isInstance)).hasSize(1);
        assertThat(connectAndWriteEpoch(DIRECT, 0)).isEqualTo(Epoch.FIRST.next());
        assertThat(connectAndWriteEpoch(DIRECT, 1)).isEqualTo(Epoch.FIRST.next());
        assertThat(connectAndWriteEpoch(MIRROR, 1)).isEqualTo(Epoch.FIRST);
    }

    @Test
    void theTimerIsSilentWhenNothingWasWritten() {
        site.owner.pass(Site.SETTINGS.cutInterval().multipliedBy(5));
        connect(DIRECT, 0).write(1);
        site.owner.pass(Site.SETTINGS.cutInterval().multipliedBy(5));

        assertThat(site.entries().stream().filter(Entry.Cut.class::isInstance)).hasSize(1);
    }

    @Test
    void theTimerTriesAgainWhenThereWasNoRoom() {
        connect(DIRECT, 0).write(1);
        site.journal.room = Narrow.Room.FULL_TO_THE_END;
        site.owner.pass(Site.SETTINGS.cutInterval());
        site.journal.room = Narrow.Room.PLENTY;

        // When
        site.owner.pass(Site.SETTINGS.cutInterval());

        // Then
        assertThat(site.entries().getLast()).isInstanceOf(Entry.Cut.class);
    }

    @Test
    void theClockOnTheWallMayGoBackwards() {
        Connection a = connect(DIRECT, 0);
        a.write(1);
        a.flush();
        site.hand.wall = site.hand.wall.minus(Duration.ofDays(400));

        // When
        a.write(2);
        a.flush();
        site.owner.pass(Site.SETTINGS.cutInterval());

        // Then: points are in the order of the journal
        List<RecoveryPoint> points = site.points(DIRECT);
        assertThat(points).hasSize(2).allMatch(RecoveryPoint::consistent);
        assertThat(points.get(1).sequence()).isGreaterThan(points.get(0).sequence());
        assertThat(points.get(1).time()).isBefore(points.get(0).time());
    }

    @Test
    void whatALifeHasLeftInAnOpenEpochStillBecomesAPoint() {
        connect(DIRECT, 0).write(1);
        site.die();

        // When: the client comes back and has nothing but a flush to send
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        assertThat(site.rpo(DIRECT)).isEqualTo(Duration.ZERO);
        site.owner.pass(Duration.ofMillis(300));
        assertThat(site.rpo(DIRECT)).isEqualTo(Duration.ofMillis(300));
        Request flush = connect(DIRECT, 0).flush();
        site.hand.force();

        // Then
        assertThat(flush.answer()).isEqualTo("done");
        assertThat(site.points(DIRECT)).extracting(RecoveryPoint::kind).containsExactly(RecoveryPoint.Kind.FLUSH);
        site.intake.shipped(site.appended());
        assertThat(site.rpo(DIRECT)).isEqualTo(Duration.ZERO);
    }

    @Test
    void whatALifeHasEndedIsNotEndedAgain() {
        Connection a = connect(DIRECT, 0);
        a.write(1);
        a.flush();
        connect(DIRECT, 1).write(1);
        site.owner.pass(Site.SETTINGS.cutInterval());
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        site.owner.pass(Site.SETTINGS.cutInterval().multipliedBy(2));
        connect(DIRECT, 0).flush();

        // Then
        assertThat(site.points(DIRECT)).hasSize(2);
        assertThat(site.rpo(DIRECT)).isEqualTo(Duration.ZERO);
    }

    @Test
    void epochsGoOnGrowingWhenTheJournalHasLostTheRecords() {
        site.die();

        // When: as of the checkpoint, in a journal without a record of the stream
        var tail = new io.tidemark.journal.Tail(new Epoch(41), new io.tidemark.journal.Sequence(2));
        site = new Site(
                folder, 2, LifeBefore.PROCESS_DIED, Map.of(DIRECT.disks().get(0).id(), tail));

        // Then
        assertThat(connectAndWriteEpoch(DIRECT, 0)).isEqualTo(new Epoch(42));
    }

    private Connection connect(Vm vm, int disk) {
        return site.connect(vm, vm.disks().get(disk));
    }

    private Epoch connectAndWriteEpoch(Vm vm, int disk) {
        connect(vm, disk).write(7);
        return ((Entry.Write) site.entries().getLast()).epoch();
    }
}
