package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Points of a group of a real replica: exact over all disks of all VMs, also long after the recovery window has left them. */
class GroupPointsTest {

    private static final Name SHOP = new Name("webshop");
    private static final Vm WEB = SourceStage.vm(1, AttachMode.DIRECT, 1).in(in(2));
    private static final Vm DB = SourceStage.vm(2, AttachMode.DIRECT, 2).in(in(1));

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private SourceStage source;
    private ReplicaStage replica;
    private Sequence point = Sequence.NONE;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, ReplicaStage.SETTINGS);
        source.define(WEB);
        source.define(DB);
        source.write(WEB, 0, 0, 4096, 1);
        source.write(DB, 0, 0, 4096, 2);
        source.write(DB, 1, 0, 4096, 3);
        point = source.flush(WEB, 0);
        source.write(DB, 1, 2048, 4096, 4);
        source.flush(DB, 1);
        replica.shipAll(source);
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    /** The flush was the web server's only; the database is in the middle of an epoch there, at the same record. */
    @Test
    void allDisksOfAllVmsAreThoseOfOneSequence() {
        HeldGroup held = hold(new PointChoice.At(point)).orElseThrow();

        assertThat(held.vms()).extracting(each -> each.point().vm().name()).containsExactly(DB.name(), WEB.name());
        assertIsExact(held);
    }

    @Test
    void aPointInUseStaysExactWhileTheWindowGoesOnAndGoesWithItsOneHold() {
        HeldGroup held = hold(new PointChoice.At(point)).orElseThrow();
        overwrite();

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(replica.status().floor()).isEqualTo(point);
        assertIsExact(held);

        // When
        held.hold().close();
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(replica.status().floor()).isGreaterThan(point);
        assertThat(hold(new PointChoice.At(point))).isEmpty();
    }

    @Test
    void theOneAtTheFloorIsThereInTheNextLifeWhenItsRecordIsGone() {
        overwrite();
        Sequence newest = points().getLast().sequence();
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().floor()).isEqualTo(newest);

        // When
        replica.restart();

        // Then
        assertThat(points()).extracting(GroupPoint::sequence).containsExactly(newest);
        assertIsExact(hold(new PointChoice.Latest()).orElseThrow());
    }

    /** Each VM has newer points of its own meanwhile, just never both at a time (I8). */
    @Test
    void theLastGoodPointOfTheGroupSurvivesUntilThereIsAnother() {
        Sequence last = points().getLast().sequence();
        source.append(new Entry.CopyBegin(DB.disks().getFirst().id(), Epoch.FIRST, Side.SHIP));
        source.write(WEB, 0, 0, 4096, 7);
        source.flush(WEB, 0);
        source.append(new Entry.CopyBegin(WEB.disks().getFirst().id(), Epoch.FIRST, Side.SHIP));
        source.append(new Entry.CopyEnd(DB.disks().getFirst().id(), Epoch.FIRST, Side.SHIP));
        source.write(DB, 1, 0, 4096, 8);
        source.flush(DB, 1);
        replica.shipAll(source);

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(replica.status().floor()).isEqualTo(last);
        HeldGroup held = hold(new PointChoice.Latest()).orElseThrow();
        assertIsExact(held);
        held.hold().close();

        // When
        Sequence again = source.append(new Entry.CopyEnd(WEB.disks().getFirst().id(), Epoch.FIRST, Side.SHIP));
        source.cut();
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(replica.status().floor()).isGreaterThan(again);
        assertIsExact(hold(new PointChoice.Latest()).orElseThrow());
    }

    private void overwrite() {
        source.write(WEB, 0, 0, 8192, 7);
        source.write(DB, 0, 0, 8192, 8);
        source.write(DB, 1, 0, 8192, 9);
        source.cut();
        replica.shipAll(source);
    }

    private List<GroupPoint> points() {
        return owner.await(replica.now().points(SHOP));
    }

    private Optional<HeldGroup> hold(PointChoice choice) {
        return owner.await(replica.now().hold(SHOP, choice, () -> {}));
    }

    private void assertIsExact(HeldGroup held) {
        assertThat(held.point().vms()).hasSize(2);
        for (HeldPoint each : held.vms()) {
            assertThat(each.point().sequence()).isEqualTo(held.point().sequence());
            for (Disk disk : each.point().vm().disks()) {
                assertThat(ReplicaStage.read(each, disk))
                        .isEqualTo(source.diskAt(disk.id(), held.point().sequence()));
            }
        }
    }

    private static Optional<Membership> in(int startOrder) {
        return Optional.of(new Membership(SHOP, startOrder, 0));
    }
}
