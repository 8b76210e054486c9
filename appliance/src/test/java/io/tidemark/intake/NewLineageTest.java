package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.Usage;
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

/** What a replica that begins with a new lineage is told, and what is copied to it while clients write. */
class NewLineageTest {

    private static final UUID BOOT = new UUID(1, 1);

    @TempDir
    Path folder;

    private final Vm vm = SourceStage.vm(1, AttachMode.DIRECT, 1);
    private final Disk disk = vm.disks().getFirst();

    @Test
    void aReplicaThatHasNothingIsToldAllAndHasAPointWhenEverythingIsCopied() {
        Site site = Site.first(folder).with(vm);
        site.connect(vm, disk).write(3);
        site.hand.force();

        Sequence origin = begin(site, false);
        settle(site, origin);

        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        Ledger ledger = new Ledger();
        PointLog points = replay(site, origin, ledger);
        assertThat(ledger.vm(vm.id())).contains(vm);
        assertThat(ledger.lives()).isNotEmpty();
        assertThat(points.of(vm.id())).last().satisfies(point -> assertThat(point.consistent())
                .isTrue());
        assertThat(points.of(vm.id()).stream().filter(RecoveryPoint::consistent))
                .hasSize(1);
        assertThat(image(site, origin, 1 << 16)).isEqualTo(image(site, Sequence.NONE, 1 << 16));
        site.close();
    }

    /** What was read before a write passed is older than the write: it must not come behind it. */
    @Test
    void aWriteThatPassesACopyWins() {
        Site site = Site.first(folder).with(vm);
        Connection client = site.connect(vm, disk);
        client.write(0);
        client.write(7);
        site.hand.force();
        site.disk.byHand();

        Sequence origin = begin(site, false);
        settleOnce(site);
        site.disk.run(); // the survey
        settleOnce(site);
        assertThat(site.disk.waiting()).isPositive(); // a read of what is now
        client.trim(7);
        client.write(1);
        site.disk.run();
        site.disk.inline();
        settle(site, origin);

        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        int size = (int) disk.sizeBytes();
        assertThat(image(site, origin, size)).isEqualTo(image(site, Sequence.NONE, size));
        site.close();
    }

    /** Nothing is being read while a copy stands back: that does not make it complete, and the replica has no point before it is. */
    @Test
    void aCopyThatStandsBackIsNotComplete() {
        Site site = Site.first(folder).with(vm);
        site.connect(vm, disk).write(3);
        site.hand.force();
        site.journal.usage = new Usage(100, 0, 100, 1000, 0, 1);
        site.owner.pass(Duration.ofSeconds(1));

        Sequence origin = begin(site, false);
        settle(site, origin);

        assertThat(site.state(disk).ship()).isEqualTo(ShipState.COPYING);
        assertThat(replay(site, origin, new Ledger()).of(vm.id())).noneMatch(RecoveryPoint::consistent);

        // When there is room again
        site.journal.usage = new Usage(0, 0, 100, 1000, 0, 1);
        site.owner.pass(Duration.ofSeconds(1));
        settle(site, origin);

        // Then
        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(image(site, origin, 1 << 16)).isEqualTo(image(site, Sequence.NONE, 1 << 16));
        site.close();
    }

    /** A life that ends in the middle of a copy leaves it to the next. */
    @Test
    void aCopyThatWasNotCompleteIsDoneAgain() {
        Site site = Site.first(folder).with(vm);
        site.connect(vm, disk).write(3);
        site.hand.force();
        site.disk.byHand();
        Sequence origin = begin(site, false);
        site.hand.force();
        site.die();

        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        settle(next, origin);

        assertThat(next.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(image(next, origin, 1 << 16)).isEqualTo(image(next, Sequence.NONE, 1 << 16));
        next.close();
    }

    /** The replica's fold of the new records says of each stream what ours says (I7). */
    @Test
    void statesAreTheSameAtBothSites() {
        for (AttachMode mode : AttachMode.values()) {
            for (boolean rolledBack : new boolean[] {false, true}) {
                Vm other = SourceStage.vm(2, mode, 2);
                Site site =
                        Site.first(folder.resolve(mode.label() + rolledBack)).with(other);
                if (mode.hidesGaps()) {
                    Disk first = other.disks().getFirst();
                    site.ask(site.intake.beginCopy(first.id()));
                    site.ask(site.intake.endCopy(first.id(), 0));
                }
                site.disk.byHand();
                Sequence origin = begin(site, rolledBack);

                Ledger ledger = new Ledger();
                PointLog points = replay(site, origin, ledger);
                for (Disk each : other.disks()) {
                    assertThat(ledger.state(each.id()).orElseThrow().intake().label())
                            .as("%s %s", mode, rolledBack)
                            .isEqualTo(site.state(each).intake().label());
                    assertThat(ledger.state(each.id()).orElseThrow().ship()).isEqualTo(ShipState.COPYING);
                }
                assertThat(points.of(other.id())).noneMatch(RecoveryPoint::consistent);
                boolean suspect = site.state(other.disks().getFirst()).intake() instanceof IntakeState.Suspect;
                assertThat(suspect).isEqualTo(rolledBack && mode.hidesGaps());
                site.close();
            }
        }
    }

    /** What we copy says nothing of the source: its last sign of life is what it was. */
    @Test
    void copiesAreNoSignOfTheSource() {
        Vm fanout = SourceStage.vm(3, AttachMode.FANOUT, 1);
        Disk only = fanout.disks().getFirst();
        Site site = Site.first(folder).with(fanout);
        site.ask(site.intake.beginCopy(only.id()));
        site.ask(site.intake.endCopy(only.id(), 0));
        Sequence origin = begin(site, false);
        settle(site, origin);
        Sequence complete = lastCopyEnd(site);
        site.die();

        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        next.owner.run();
        next.hand.force();

        assertThat(next.state(only).intake())
                .isInstanceOfSatisfying(IntakeState.Suspect.class, suspect -> assertThat(suspect.since())
                        .isLessThan(complete));
        next.close();
    }

    private static Sequence begin(Site site, boolean rolledBack) {
        CompletableFuture<Registration> answer = site.intake.beginLineage(BOOT, rolledBack);
        site.owner.run();
        site.disk.run(); // that all is dirty is saved
        Registration begun = site.ask(answer);
        assertThat(begun).isInstanceOf(Registration.Done.class);
        return ((Registration.Done) begun).at();
    }

    private static void settle(Site site, Sequence origin) {
        for (int i = 0; i < 50; i++) {
            settleOnce(site);
            site.intake.shipped(site.journal.durable());
        }
        assertThat(site.appended()).isGreaterThan(origin);
    }

    private static void settleOnce(Site site) {
        site.owner.run();
        site.hand.force();
        site.owner.pass(Duration.ofMillis(300));
    }

    private static Sequence lastCopyEnd(Site site) {
        return site.hand.records().stream()
                .filter(record -> record.entry() instanceof Entry.CopyEnd end && end.side() == Side.SHIP)
                .map(JournalRecord::sequence)
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private static PointLog replay(Site site, Sequence origin, Ledger ledger) {
        PointLog points = new PointLog(ledger);
        behind(site, origin).stream()
                .filter(record -> record.entry() instanceof Entry.Control)
                .map(record -> new Mark(record.sequence(), record.timeNanos(), (Entry.Control) record.entry()))
                .forEach(mark -> {
                    ledger.apply(mark);
                    points.apply(mark);
                });
        return points;
    }

    private byte[] image(Site site, Sequence origin, int bytes) {
        byte[] image = new byte[(int) disk.sizeBytes()];
        for (JournalRecord record : behind(site, origin)) {
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
        return Arrays.copyOf(image, bytes);
    }

    private static List<JournalRecord> behind(Site site, Sequence origin) {
        return site.hand.records().stream()
                .filter(record -> record.sequence().isAfter(origin))
                .toList();
    }
}
