package io.tidemark.intake;

import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tidemark.intake.Connection.Request;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.NbdError;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a source may have written without us is never called consistent (I7), at any disk of its VM (I12). */
class GapsTest {

    private static final Vm FANOUT = vm(1, 0, AttachMode.FANOUT, AttachMode.DIRECT);
    private static final Vm MIRROR = vm(2, 10, AttachMode.MIRROR_ACTIVE, AttachMode.MIRROR_BACKGROUND);
    private static final Disk A = FANOUT.disks().get(0);
    private static final Disk B = FANOUT.disks().get(1);
    private static final Disk ACTIVE = MIRROR.disks().get(0);
    private static final Disk BACKGROUND = MIRROR.disks().get(1);

    @TempDir
    Path folder;

    private Site site;

    @BeforeEach
    void begin() {
        site = Site.first(folder).with(FANOUT).with(MIRROR);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void aLostConnectionWithdrawsThePointsBehindTheLastRecordOfItsSource() {
        Connection a = inSync(FANOUT, A);
        Connection b = site.connect(FANOUT, B);
        a.write(1);
        a.flush();
        Sequence last = site.appended();
        b.write(1);
        b.flush(); // a point of the VM that lacks what A may have missed

        // When
        a.end(Ending.LOST);

        // Then
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
        assertThat(site.entries().getLast()).isEqualTo(new Entry.Gap(A.id(), last, "the connection was lost"));
        List<RecoveryPoint> points = site.points(FANOUT);
        assertThat(points.stream().filter(RecoveryPoint::consistent).toList())
                .isNotEmpty()
                .allSatisfy(point -> assertThat(point.sequence()).isLessThanOrEqualTo(last));
        assertThat(points.getLast().consistent()).isFalse();

        // When: writing goes on elsewhere
        b.write(2);
        b.flush();

        // Then
        assertThat(site.points(FANOUT).getLast().consistent()).isFalse();
    }

    @Test
    void theRpoCountsWhatAWithdrawnPointHadCovered() {
        Connection a = inSync(FANOUT, A);
        Connection b = site.connect(FANOUT, B);
        site.intake.shipped(site.appended());
        site.owner.pass(java.time.Duration.ofMillis(100));
        b.write(1);
        b.flush();
        site.owner.pass(java.time.Duration.ofMillis(100));

        // When
        a.end(Ending.LOST);
        site.intake.shipped(site.appended());

        // Then
        assertThat(site.rpo(FANOUT)).isGreaterThanOrEqualTo(java.time.Duration.ofMillis(100));
    }

    @ParameterizedTest
    @EnumSource(Ending.class)
    void anyEndOfTheSourcesConnectionIsAGap(Ending ending) {
        Connection a = inSync(FANOUT, A);

        // When
        a.end(ending);

        // Then
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
        assertThat(site.state(A).gaps()).isEqualTo(1);
    }

    /** What it wrote without us came between the two: a write taken now must not be proof that it was here. */
    @Test
    void aSourceThatIsBackBeforeItsLossIsNoticedHasAGapBeforeItsFirstWrite() {
        Connection a = inSync(FANOUT, A);
        Connection b = site.connect(FANOUT, B);
        a.flush();
        Sequence last = site.appended();
        b.write(1);
        b.flush(); // a point of the VM that lacks what A may have missed

        // When
        Connection back = site.connect(FANOUT, A);
        back.write(2);

        // Then
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
        assertThat(site.entries()).contains(new Entry.Gap(A.id(), last, "the source is back on another connection"));

        // When the end of the one before is noticed
        a.end(Ending.LOST);

        // Then it is the same gap
        assertThat(site.state(A).gaps()).isEqualTo(1);
    }

    @Test
    void theEndOfAConnectionThatTheSourceHadBeforeDoesNotDisturbItsCopy() {
        // Given
        Connection former = inSync(MIRROR, ACTIVE);
        Connection source = site.connect(MIRROR, ACTIVE);
        source.write(1);
        assertThat(end(ACTIVE, 1)).isInstanceOf(Registration.Done.class);

        // When
        former.end(Ending.LOST);

        // Then
        assertThat(site.state(ACTIVE).intake().label()).isEqualTo("in-sync");

        // When
        source.end(Ending.LOST);

        // Then
        assertThat(site.state(ACTIVE).intake().label()).isEqualTo("suspect");
    }

    @Test
    void aConnectionOfBeforeThatWritesAgainIsTheSourcesAgain() {
        // Given
        Connection first = inSync(MIRROR, ACTIVE);
        Connection second = site.connect(MIRROR, ACTIVE);
        second.write(1);
        assertThat(end(ACTIVE, 1)).isInstanceOf(Registration.Done.class);

        // When
        first.write(2);

        // Then
        assertThat(site.state(ACTIVE).intake().label()).isEqualTo("suspect");
        assertThat(site.state(ACTIVE).gaps()).isEqualTo(2);
    }

    @Test
    void aReaderThatLeavesInGoodOrderIsNoGap() {
        inSync(FANOUT, A);
        Connection reader = site.connect(FANOUT, A);

        // When
        reader.end(Ending.DISCONNECTED);

        // Then
        assertThat(site.state(A).intake().label()).isEqualTo("in-sync");
    }

    @Test
    void aDirectDiskHasNoGaps() {
        Connection b = site.connect(FANOUT, B);
        b.write(1);

        // When
        b.end(Ending.LOST);
        site.connect(FANOUT, B).refused(NbdError.INVALID);

        // Then
        assertThat(site.state(B).intake().label()).isEqualTo("in-sync");
        assertThat(site.state(B).gaps()).isZero();
    }

    @Test
    void aRefusalOfTheServerIsRecordedDurablyBeforeItIsToldToTheSource() {
        Connection a = inSync(FANOUT, A);

        // When
        Request refused = a.refused(NbdError.NO_SPACE);

        // Then
        assertThat(refused.answer()).isEmpty();
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
        site.hand.force();
        assertThat(refused.answer()).isEqualTo("done");
    }

    @Test
    void aRefusalOfAFullJournalIsRecordedDurablyBeforeItIsToldToTheSource() {
        Connection a = inSync(FANOUT, A);
        site.journal.room = Narrow.Room.FULL;

        // When: the second has nothing to add to the first, but does not overtake it
        Request first = a.write(1);
        Request second = a.write(2);

        // Then
        assertThat(List.of(first, second)).extracting(Request::answer).containsOnly("");
        site.hand.force();
        assertThat(List.of(first, second)).extracting(Request::answer).containsOnly("NO_SPACE");
        assertThat(List.of(first, second)).allMatch(Request::released);
        assertThat(site.entries().stream().filter(Entry.Gap.class::isInstance)).hasSize(1);
    }

    @Test
    void aRefusalThatCannotBeRecordedWaits() {
        Connection a = inSync(FANOUT, A);
        site.journal.room = Narrow.Room.FULL_TO_THE_END;
        Request write = a.write(1);
        Request refused = a.refused(NbdError.INVALID);
        site.hand.force();
        assertThat(write.answer()).isEmpty();
        assertThat(refused.answer()).isEmpty();

        // When
        site.journal.widen();
        site.hand.force();

        // Then: there is room for the write itself now
        assertThat(write.answer()).isEqualTo("done");
        assertThat(refused.answer()).isEqualTo("done");
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
    }

    @Test
    void aCopyThatWasFoundCompleteBeforeTheNewestGapIsNotComplete() {
        Connection active = site.connect(MIRROR, ACTIVE);
        active.write(1);
        active.end(Ending.LOST);
        Connection again = site.connect(MIRROR, ACTIVE);
        again.write(1);
        int observed = site.state(ACTIVE).gaps();

        // When: something is missed while the stream is suspect anyway, after somebody has looked
        again.end(Ending.LOST);
        site.connect(MIRROR, ACTIVE);

        // Then
        assertThat(end(ACTIVE, observed)).isInstanceOf(Registration.Refused.class);
        assertThat(site.state(ACTIVE).intake().label()).isEqualTo("suspect");
        assertThat(end(ACTIVE, observed)).isInstanceOf(Registration.Refused.class);

        // When: whoever looks again has seen it
        Registration answer = end(ACTIVE, site.state(ACTIVE).gaps());

        // Then
        assertThat(answer).isInstanceOf(Registration.Done.class);
        assertThat(site.state(ACTIVE).intake().label()).isEqualTo("in-sync");
    }

    @Test
    void aRefusedWriteOfASuspectStreamIsMissedToo() {
        Connection active = site.connect(MIRROR, ACTIVE);
        active.write(1);
        active.end(Ending.LOST);
        Connection again = site.connect(MIRROR, ACTIVE);
        int observed = site.state(ACTIVE).gaps();
        site.journal.room = Narrow.Room.FULL;
        Request refused = again.write(2);
        site.hand.force();
        assertThat(refused.answer()).isEqualTo("NO_SPACE");
        site.journal.widen();

        // When, Then
        assertThat(end(ACTIVE, observed)).isInstanceOf(Registration.Refused.class);
    }

    @Test
    void aRestartIsMissedByASuspectStreamToo() {
        Connection active = site.connect(MIRROR, ACTIVE);
        active.write(1);
        active.end(Ending.LOST);
        int observed = site.state(ACTIVE).gaps();
        site.hand.force();
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        site.owner.run();
        site.connect(MIRROR, ACTIVE);

        // Then
        assertThat(end(ACTIVE, observed)).isInstanceOf(Registration.Refused.class);
    }

    @Test
    void aReaderBeforeTheCopyDoesNotMakeItsEndDoubtful() {
        site.connect(MIRROR, ACTIVE).end(Ending.DISCONNECTED);
        site.connect(MIRROR, ACTIVE).write(1);

        assertThat(end(ACTIVE, 0)).isInstanceOf(Registration.Done.class);
    }

    @Test
    void aFanoutMendsNoGapByItself() {
        inSync(FANOUT, A).end(Ending.LOST);
        site.connect(FANOUT, A).write(1);

        // When, Then
        assertThat(end(A, 1)).isInstanceOf(Registration.Refused.class);
        assertThat(site.ask(site.intake.beginCopy(A.id()))).isInstanceOf(Registration.Done.class);
        assertThat(end(A, 1)).isInstanceOf(Registration.Done.class);
        assertThat(site.points(FANOUT).getLast().consistent()).isTrue();
    }

    @Test
    void aCopyThatBeginsAnewMendsWhatWasMissedBefore() {
        inSync(FANOUT, A).end(Ending.LOST);
        Connection again = site.connect(FANOUT, A);
        again.write(1);
        again.end(Ending.LOST);

        // When
        site.ask(site.intake.beginCopy(A.id()));
        site.connect(FANOUT, A).write(1);

        // Then
        assertThat(end(A, site.state(A).gaps())).isInstanceOf(Registration.Done.class);
    }

    @Test
    void aSuspectMirrorIsInSyncOnlyWhileItsSourceIsThere() {
        Connection active = site.connect(MIRROR, ACTIVE);
        active.write(1);
        active.end(Ending.DISCONNECTED);

        assertThat(end(ACTIVE, 1)).isInstanceOf(Registration.Refused.class);
    }

    @Test
    void aMirrorInTheBackgroundIsInSyncUntilItsNextRecord() {
        Connection background = site.connect(MIRROR, BACKGROUND);
        background.write(1);
        end(BACKGROUND, 0);
        assertThat(site.state(BACKGROUND).intake().label()).isEqualTo("in-sync");

        // When
        background.write(2);

        // Then
        assertThat(site.state(BACKGROUND).intake().label()).isEqualTo("copying");
        assertThat(site.entries())
                .extracting(Object::getClass)
                .endsWith(Entry.CopyEnd.class, Entry.CopyBegin.class, Entry.Write.class);
    }

    @Test
    void aGapOfANewDiskDoesNotTakeThePointsFromBeforeIt() {
        Vm grown = vm(3, 20, AttachMode.DIRECT, AttachMode.FANOUT);
        Vm before = new Vm(grown.id(), grown.name(), grown.disks().subList(0, 1), grown.definition());
        site.with(before);
        Connection old = site.connect(before, before.disks().getFirst());
        old.write(1);
        old.flush();
        site.with(grown);
        Disk added = grown.disks().get(1);
        site.ask(site.intake.beginCopy(added.id()));

        // When: its source goes before it has written anything
        site.connect(grown, added).end(Ending.LOST);

        // Then
        assertThat(site.state(added).intake().label()).isEqualTo("suspect");
        assertThat(site.points(grown))
                .extracting(RecoveryPoint::vm, RecoveryPoint::consistent)
                .containsExactly(tuple(before, true), tuple(grown, false));
    }

    @Test
    void aStartMakesStreamsSuspectFromTheirLastRecord() {
        inSync(FANOUT, A).write(1);
        Sequence last = site.appended();
        site.connect(FANOUT, B).write(1);
        site.owner.pass(Site.SETTINGS.cutInterval());
        site.hand.force();
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        site.owner.run();

        // Then
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
        assertThat(site.entries()).contains(new Entry.Gap(A.id(), last, "the appliance was not running"));
        assertThat(site.points(FANOUT).getLast().consistent()).isFalse();
        assertThat(site.state(B).awaitsRestart()).isFalse();
    }

    /** Whoever tells of a new copy is not its source, which may have been gone for long. */
    @Test
    void aStartDoesNotTakeTheBeginOfACopyForProofThatTheSourceWasHere() {
        inSync(FANOUT, A).write(1);
        Sequence last = site.appended();
        Connection b = site.connect(FANOUT, B);
        b.write(1);
        b.flush(); // a point of the VM that lacks what A may have missed
        site.ask(site.intake.beginCopy(A.id()));
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        site.owner.run();

        // Then
        assertThat(site.entries()).contains(new Entry.Gap(A.id(), last, "the appliance was not running"));
        assertThat(site.points(FANOUT).stream().filter(RecoveryPoint::consistent))
                .isNotEmpty()
                .allSatisfy(point -> assertThat(point.sequence()).isLessThanOrEqualTo(last));
    }

    @Test
    void afterADeathOfTheMachineAJournaledDiskWaitsForItsGuest() {
        site.connect(FANOUT, B).write(1);
        site.hand.force();
        site.die();
        site = new Site(folder, 2, LifeBefore.MACHINE_DIED, Map.of());
        site.owner.run();
        assertThat(site.opens(FANOUT, B)).isFalse();
        assertThat(site.opens(FANOUT, A)).isTrue();

        // When
        Registration answer = site.ask(site.intake.guestRestarted(FANOUT.id()));

        // Then
        assertThat(answer).isInstanceOf(Registration.Done.class);
        site.connect(FANOUT, B);
    }

    @Test
    void whatTheGuestsAreToldIsForgottenOnlyOnceItIsDurable() {
        site.hand.force();
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.MACHINE_DIED, Map.of());
        site.owner.run();

        // Then
        assertThat(site.state(B).awaitsRestart()).isTrue();
        assertThat(folder.resolve(PossibleLoss.FILE)).exists();
        site.hand.force();
        assertThat(folder.resolve(PossibleLoss.FILE)).doesNotExist();
    }

    /** A force that failed may have lost what was acknowledged, and the kernel is still the same. */
    @Test
    void afterAJournalHasFailedAJournaledDiskWaitsForItsGuest() {
        Connection b = site.connect(FANOUT, B);
        b.write(1);
        site.hand.force();
        site.journal.fail();
        assertThat(b.write(2).answer()).isEqualTo("IO");
        site.die();

        // When
        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        site.owner.run();

        // Then
        assertThat(site.opens(FANOUT, B)).isFalse();
    }

    @Test
    void theSourceOfARemovedVmMayStillLeave() {
        Connection a = inSync(FANOUT, A);
        assertThat(site.ask(site.intake.remove(FANOUT.id()))).isInstanceOf(Registration.Done.class);
        int entries = site.entries().size();

        // When
        Request write = a.write(1);
        Request flush = a.flush();
        Request refused = a.refused(NbdError.INVALID);
        site.hand.force();
        a.end(Ending.LOST);

        // Then
        assertThat(write.answer()).isEqualTo("SHUTTING_DOWN");
        assertThat(write.released()).isTrue();
        assertThat(flush.answer()).isEqualTo("done");
        assertThat(refused.answer()).isEqualTo("done");
        assertThat(site.entries()).hasSize(entries);
    }

    /** Who knows that the source wrote nothing without us may say so, and it is written down. */
    @Test
    void thatNothingIsMissingIsAcceptedOnSomebodysWord() {
        inSync(FANOUT, A).end(Ending.LOST);
        assertThat(accept(A, 1)).as("no source is connected").isInstanceOf(Registration.Refused.class);
        Connection a = site.connect(FANOUT, A);
        assertThat(accept(A, 1)).as("nobody who writes is").isInstanceOf(Registration.Refused.class);
        a.write(2);
        assertThat(accept(A, 0)).as("a gap that was not seen").isInstanceOf(Registration.Refused.class);

        // When
        Registration accepted = accept(A, 1);

        // Then
        assertThat(accepted).isInstanceOf(Registration.Done.class);
        assertThat(site.state(A).intake().label()).isEqualTo("in-sync");
        a.write(1);
        a.flush();
        assertThat(site.points(FANOUT).getLast().standing())
                .isEqualTo(new Standing.Consistent(List.of("disk " + A.name() + ": Zoë: the guest was off")));

        // When
        a.end(Ending.LOST);

        // Then
        assertThat(site.state(A).intake().label()).isEqualTo("suspect");
        assertThat(accept(BACKGROUND, 0)).isInstanceOf(Registration.Refused.class);
    }

    private Registration accept(Disk disk, int observedGaps) {
        return site.ask(site.intake.acceptContinuity(disk.id(), observedGaps, "Zoë: the guest was off"));
    }

    /** A source whose copy is complete. */
    private Connection inSync(Vm vm, Disk disk) {
        Connection connection = site.connect(vm, disk);
        connection.write(0);
        assertThat(end(disk, 0)).isInstanceOf(Registration.Done.class);
        return connection;
    }

    private Registration end(Disk disk, int observedGaps) {
        return site.ask(site.intake.endCopy(disk.id(), observedGaps));
    }
}
