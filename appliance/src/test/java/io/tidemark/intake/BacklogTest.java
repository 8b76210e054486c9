package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.nbd.Ending;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.PointLog;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica gets when records that it lacks were given up: everything, at one point, and no more than was changed. */
class BacklogTest {

    private static final UUID BOOT = new UUID(1, 1);

    @TempDir
    Path folder;

    private final Vm vm = SourceStage.vm(1, AttachMode.DIRECT, 1);
    private final Disk disk = vm.disks().getFirst();

    @Test
    void whatWasChangedIsCopiedAndMakesAPoint() {
        Site site = Site.first(folder).with(vm);
        Connection client = site.connect(vm, disk);
        client.write(3);
        site.hand.force();
        Sequence has = site.appended();
        client.write(5);
        client.trim(3);

        Sequence to = giveUp(site, has);
        assertThat(to.number()).isGreaterThan(has.number() + 2);
        settle(site);

        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        Ledger ledger = new Ledger();
        PointLog points = replay(site, has, to, ledger);
        assertThat(points.of(vm.id()).getLast().consistent()).isTrue();
        assertThat(points.of(vm.id()))
                .filteredOn(point -> point.sequence().isAfter(has))
                .filteredOn(RecoveryPoint::consistent)
                .hasSize(1);
        assertThat(image(site, has, to)).isEqualTo(image(site, to.previous(), to));
        assertThat(copiedBytes(site)).isLessThanOrEqualTo(DirtyBlocks.BLOCK_BYTES);
        site.close();
    }

    /** Given up twice, with a copy in the middle: what the first copy had brought is lost with it. */
    @Test
    void copiesThatAreGivenUpAreMadeAgain() {
        Site site = Site.first(folder).with(vm);
        Connection client = site.connect(vm, disk);
        client.write(3);
        site.hand.force();
        Sequence has = site.appended();
        client.write(5);
        giveUp(site, has);
        settleOnce(site);
        settle(site);
        client.write(1);

        Sequence to = giveUp(site, has);
        settle(site);

        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(image(site, has, to)).isEqualTo(image(site, to.previous(), to));
        site.close();
    }

    /** What is dirty is copied anyway: until then a write to it is not shipped, and comes with the copy. */
    @Test
    void writesToWhatIsDirtyAreLeftOutAndComeWithTheCopy() {
        Site site = Site.first(folder).with(vm);
        Connection client = site.connect(vm, disk);
        client.write(3);
        site.hand.force();
        Sequence has = site.appended();
        client.write(5);
        Sequence to = giveUp(site, has);

        // When
        client.write(6);
        settle(site);
        client.write(7);

        // Then
        assertThat(shipping(site))
                .containsExactly(Shipping.SHIPPED, Shipping.SHIPPED, Shipping.LEFT_OUT, Shipping.SHIPPED);
        assertThat(image(site, has, to)).isEqualTo(image(site, to.previous(), to));
        assertThat(image(site, has, to)[6 * 512]).isNotZero();
        site.close();
    }

    /** It covers the block, but the link never sees it: the block is as dirty as before. */
    @Test
    void aWriteThatIsLeftOutCleansNothing() {
        Site site = Site.first(folder).with(vm);
        Connection client = site.connect(vm, disk);
        client.write(3);
        site.hand.force();
        Sequence has = site.appended();
        client.write(5);
        Sequence to = giveUp(site, has);

        // When
        client.session()
                .trim(
                        new io.tidemark.nbd.Extent(
                                new io.tidemark.nbd.Offset(0), new io.tidemark.nbd.Length(disk.sizeBytes())),
                        io.tidemark.nbd.Durability.ORDERED,
                        outcome -> {});
        settle(site);

        // Then
        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(image(site, has, to))
                .isEqualTo(image(site, to.previous(), to))
                .containsOnly(0);
        site.close();
    }

    /** What was left out is nowhere else than in the journal and the volume: the next life has to know that it lacks at the replica. */
    @Test
    void whatWasLeftOutIsCopiedByTheNextLife() {
        Site site = Site.first(folder).with(vm);
        Connection client = site.connect(vm, disk);
        client.write(3);
        site.hand.force();
        Sequence has = site.appended();
        client.write(5);
        Sequence to = giveUp(site, has);
        site.disk.byHand(); // nothing is copied any more
        client.write(6);
        site.die();

        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        settle(next);

        assertThat(shipping(next)).contains(Shipping.LEFT_OUT);
        assertThat(next.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(image(next, has, to)).isEqualTo(image(next, to.previous(), to));
        assertThat(image(next, has, to)[6 * 512]).isNotZero();
        next.close();
    }

    @Test
    void aDeathInTheMiddleOfTheCopyDoesNotMakeItLarger() {
        Site site = Site.first(folder).with(vm);
        site.connect(vm, disk).write(3);
        site.hand.force();
        Sequence has = site.appended();
        site.connect(vm, disk).write(5);
        Sequence to = giveUp(site, has);
        site.disk.byHand(); // nothing is copied any more
        site.die();

        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        settle(next);

        assertThat(next.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(image(next, has, to)).isEqualTo(image(next, to.previous(), to));
        assertThat(copiedBytes(next)).isLessThanOrEqualTo(DirtyBlocks.BLOCK_BYTES);
        next.close();
    }

    /** What the replica is told anew is what it would know if it had heard everything (I7). */
    @Test
    void whatHasHappenedMeanwhileIsToldAnew() {
        for (AttachMode mode : AttachMode.values()) {
            Vm other = SourceStage.vm(2, mode, 1);
            Vm gone = SourceStage.vm(3, mode, 1);
            Vm late = SourceStage.vm(4, mode, 2);
            Site site = Site.first(folder.resolve(mode.label())).with(other).with(gone);
            Disk only = other.disks().getFirst();
            Sequence has = site.appended();
            if (mode.hidesGaps()) {
                site.ask(site.intake.beginCopy(only.id()));
                site.ask(site.intake.endCopy(only.id(), 0));
            }
            site.ask(site.intake.remove(gone.id()));
            site.with(late);
            Sequence to = giveUp(site, has);

            Ledger ledger = new Ledger();
            PointLog points = replay(site, has, to, ledger);
            assertThat(ledger.vms()).containsExactlyInAnyOrder(other, late);
            assertThat(ledger.state(only.id()).orElseThrow().intake().label())
                    .isEqualTo(site.state(only).intake().label());
            assertThat(points.of(other.id()))
                    .filteredOn(point -> point.sequence().isAfter(has))
                    .noneMatch(point -> point.consistent() && point.sequence().isBefore(to));
            site.close();
        }
    }

    /** A gap that the replica has never heard of takes back the points that it has behind it. */
    @Test
    void aGapAmongTheRecordsIsToldAnew() {
        Vm fanout = SourceStage.vm(5, AttachMode.FANOUT, 1);
        Disk only = fanout.disks().getFirst();
        Site site = Site.first(folder).with(fanout);
        site.ask(site.intake.beginCopy(only.id()));
        site.ask(site.intake.endCopy(only.id(), 0));
        Connection client = site.connect(fanout, only);
        client.write(1);
        site.hand.force();
        Sequence has = site.appended();
        client.end(Ending.LOST);
        site.hand.force();
        site.connect(fanout, only).write(2);
        site.hand.force();
        assertThat(site.state(only).intake()).isInstanceOf(IntakeState.Suspect.class);

        Sequence to = giveUp(site, has);
        settle(site);

        Ledger ledger = new Ledger();
        PointLog points = replay(site, has, to, ledger);
        assertThat(ledger.state(only.id()).orElseThrow().intake()).isInstanceOf(IntakeState.Suspect.class);
        assertThat(points.of(fanout.id()).getLast().consistent()).isFalse();
        site.close();
    }

    /** A VM that the replica knows was removed among the records: no cut behind them may look like a point of it (I3). */
    @Test
    void aVmThatIsGoneHasNoPointBehindTheRecords() {
        Vm gone = SourceStage.vm(3, AttachMode.DIRECT, 1);
        Site site = Site.first(folder).with(vm).with(gone);
        Disk only = gone.disks().getFirst();
        site.connect(gone, only).write(1);
        site.hand.force();
        Sequence has = site.appended();
        site.connect(gone, only).write(2);
        site.ask(site.intake.remove(gone.id()));
        site.owner.pass(Duration.ofSeconds(5));
        CompletableFuture<Registration> answer = site.intake.giveUpBacklog(has, BOOT);
        for (int i = 0; i < 40 && !answer.isDone(); i++) {
            site.connect(vm, disk).write(i % 8);
            site.owner.pass(Duration.ofSeconds(1)); // with a cut
            site.hand.force();
        }
        assertThat(answer).isDone();
        Sequence to = ((Registration.Done) answer.join()).at();

        Ledger ledger = new Ledger();
        assertThat(replay(site, has, to, ledger).of(gone.id()))
                .filteredOn(point -> point.sequence().isAfter(has))
                .isEmpty();
        assertThat(ledger.vms()).containsExactly(vm);
        site.close();
    }

    /** The appliance stops when it is known what has to be told anew, and before that is said: the records are still needed. */
    @Test
    void nothingIsGivenUpWhenWhatHasHappenedCannotBeToldAnew() {
        Vm weak = io.tidemark.vm.Vms.vm(1, 0, AttachMode.DIRECT);
        Site.first(folder).with(weak).die();
        Site site = new Site(folder, 2, LifeBefore.MACHINE_DIED, Map.of());
        site.owner.run();
        site.hand.force();
        Sequence has = site.appended();
        assertThat(site.state(weak.disks().getFirst()).awaitsRestart()).isTrue();
        site.ask(site.intake.guestRestarted(weak.id()));
        CompletableFuture<Registration> answer = site.intake.giveUpBacklog(has, BOOT);
        site.owner.run();
        site.disk.byHand();
        assertThat(site.entries().getLast()).isInstanceOf(Entry.Track.class);
        site.hand.force();
        assertThat(answer).isNotDone();
        assertThat(site.disk.waiting()).isEqualTo(1);

        // When
        site.intake.close();
        site.disk.run();
        site.owner.run();

        // Then
        assertThat(answer).isDone();
        assertThat(answer.join()).isInstanceOf(Registration.Refused.class);
        site.disk.inline();
        site.close();
    }

    private static Sequence giveUp(Site site, Sequence from) {
        CompletableFuture<Registration> answer = site.intake.giveUpBacklog(from, BOOT);
        for (int i = 0; i < 10 && !answer.isDone(); i++) {
            site.owner.run();
            site.hand.force();
        }
        assertThat(answer.join()).isInstanceOf(Registration.Done.class);
        return ((Registration.Done) answer.join()).at();
    }

    private static void settle(Site site) {
        for (int i = 0; i < 50; i++) {
            settleOnce(site);
            site.intake.shipped(site.journal.durable());
        }
    }

    private static void settleOnce(Site site) {
        site.owner.run();
        site.hand.force();
        site.owner.pass(Duration.ofMillis(300));
    }

    private static long copiedBytes(Site site) {
        return site.hand.records().stream()
                .map(JournalRecord::entry)
                .filter(entry -> entry instanceof Entry.Write write && !write.provesSource())
                .mapToLong(entry -> ((Entry.Write) entry).payload().remaining())
                .sum();
    }

    /** What a replica knows that had everything up to {@code has} and goes on at {@code to}. */
    private static PointLog replay(Site site, Sequence has, Sequence to, Ledger ledger) {
        PointLog points = new PointLog(ledger);
        received(site, has, to).stream()
                .filter(record -> record.entry() instanceof Entry.Control)
                .map(record -> new Mark(record.sequence(), record.timeNanos(), (Entry.Control) record.entry()))
                .forEach(mark -> {
                    ledger.apply(mark);
                    points.apply(mark);
                });
        return points;
    }

    private byte[] image(Site site, Sequence has, Sequence to) {
        byte[] image = new byte[(int) disk.sizeBytes()];
        for (JournalRecord record : received(site, has, to)) {
            switch (record.entry()) {
                case Entry.Write write ->
                    write.payload()
                            .duplicate()
                            .get(image, (int) write.offset(), write.payload().remaining());
                case Entry.Data zeroed ->
                    Arrays.fill(
                            image,
                            (int) zeroed.extent().offset(),
                            (int) zeroed.extent().end(),
                            (byte) 0);
                case Entry.Control control -> {}
            }
        }
        return image;
    }

    private static List<Shipping> shipping(Site site) {
        return site.hand.records().stream()
                .map(JournalRecord::entry)
                .filter(entry -> entry instanceof Entry.Write write && write.provesSource())
                .map(entry -> ((Entry.Write) entry).shipping())
                .toList();
    }

    private static List<JournalRecord> received(Site site, Sequence has, Sequence to) {
        return site.hand.records().stream()
                .filter(record -> !(record.entry() instanceof Entry.Data data) || data.shipping() != Shipping.LEFT_OUT)
                .filter(record ->
                        !record.sequence().isAfter(has) || !record.sequence().isBefore(to))
                .toList();
    }
}
