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
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Points of a group of a real replica: exact over all disks of all VMs, also long after the recovery window has left them. */
class GroupPointsTest {

    private static final Name SHOP = new Name("webshop");
    private static final Name KEPT = new Name("before-upgrade");
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

    /** The database has none of its own there, nor may the web server have one any more: lists are thinned each for itself. */
    @Test
    void theFloorKnowsOfAllVmsOfTheGroupThatHasAPointThere() throws Exception {
        HeldGroup held = hold(new PointChoice.At(point)).orElseThrow();
        overwrite();

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(new FloorFile(replica.folder()).read().orElseThrow().atFloor())
                .extracting(FloorFile.Point::vm)
                .containsExactlyInAnyOrder(WEB.id(), DB.id());
        held.hold().close();
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

    @Test
    void aPinnedPointIsExactForAllLongAfterTheWindowHasLeftItAlsoInTheNextLife() {
        pinned(new PointChoice.At(point));
        overwrite();

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        replica.restart();

        // Then: as a point of the group, and as one of the VM whose epoch does not end there
        assertThat(replica.status().floor()).isEqualTo(point);
        HeldGroup held = hold(new PointChoice.Pinned(KEPT)).orElseThrow();
        assertIsExact(held);
        held.hold().close();
        HeldPoint ofDb = replica.hold(DB, new PointChoice.Pinned(KEPT)).orElseThrow();
        assertThat(ofDb.point().sequence()).isEqualTo(point);
        ofDb.hold().close();
        assertThat(owner.await(replica.now().pins(SHOP))).hasSize(1);

        // When
        assertThat(owner.await(replica.now().unpin(SHOP, KEPT))).isTrue();
        assertThat(owner.await(replica.now().unpin(SHOP, KEPT))).isFalse();
        replica.pass(Duration.ofSeconds(1));

        // Then
        assertThat(replica.status().floor()).isGreaterThan(point);
        assertThat(owner.await(replica.now().pins(DB.id()))).isEmpty();
    }

    @Test
    void aPinIsOneOfAllVmsOrOfNone() {
        Sequence last = points().getLast().sequence();
        owner.await(replica.now().pin(WEB.id(), KEPT, new PointChoice.At(point), Instant.EPOCH));

        // When
        GroupPinOutcome outcome = pin(new PointChoice.At(last));

        // Then
        assertThat(outcome).isInstanceOf(GroupPinOutcome.Refused.class);
        assertThat(owner.await(replica.now().pins(DB.id()))).isEmpty();
        assertThat(owner.await(replica.now().pins(SHOP)))
                .as("one VM is not the group")
                .isEmpty();

        // When
        pinned(new PointChoice.At(point));
        pinned(new PointChoice.At(point));

        // Then
        assertThat(owner.await(replica.now().pins(SHOP)))
                .singleElement()
                .satisfies(pin -> assertThat(pin.point().sequence()).isEqualTo(point));
        assertThat(pin(new PointChoice.At(last.next()))).isInstanceOf(GroupPinOutcome.NoSuchPoint.class);
    }

    private void pinned(PointChoice choice) {
        assertThat(pin(choice)).isInstanceOf(GroupPinOutcome.Pinned.class);
    }

    private GroupPinOutcome pin(PointChoice choice) {
        return owner.await(replica.now().pin(SHOP, KEPT, choice, Instant.EPOCH));
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
