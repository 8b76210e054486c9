package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.Offset;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Firmware;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of a protected VM become larger, come and go. */
class DisksTest {

    private static final int BLOCK = DirtyBlocks.BLOCK_BYTES;

    @TempDir
    Path folder;

    private final Vm vm = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private final Disk disk = vm.disks().getFirst();
    private final Vm grown = SourceStage.grown(vm, 0, 3L * BLOCK + 512);

    @Test
    void aDiskThatHasGrownIsSeenByWhoConnectsAndReadsAsZeroes() {
        Site site = Site.first(folder).with(vm);
        Connection before = site.connect(vm, disk);

        // When
        Registration answer = site.ask(site.intake.define(grown));

        // Then
        assertThat(answer).isInstanceOf(Registration.Done.class);
        assertThat(site.export(vm, disk).info().size().bytes())
                .isEqualTo(grown.disks().getFirst().sizeBytes());
        Connection.Request write = before.write(0);
        site.hand.force();
        assertThat(write.answer()).isEqualTo("done");
        Connection after = site.connect(vm, disk);
        after.write(6 * 64);
        assertThat(read(after, 3L * BLOCK - 512)).isEqualTo(new byte[512]);
        assertThat(read(after, 3L * BLOCK)).isNotEqualTo(new byte[512]);
        assertThat(kinds(site)).contains("disk-grown");
        assertThat(site.ask(site.intake.define(grown))).isInstanceOf(Registration.Unchanged.class);
        site.close();
    }

    @Test
    void pointsHaveTheSizeOfTheirTime() {
        Site site = Site.first(folder).with(vm);
        site.connect(vm, disk).write(0);
        site.owner.pass(Duration.ofSeconds(1));
        site.with(grown);
        site.connect(vm, disk).write(1);
        site.owner.pass(Duration.ofSeconds(1));

        assertThat(site.points(vm)).extracting(RecoveryPoint::vm).containsExactly(vm, grown, grown);
        assertThat(site.points(vm)).allMatch(RecoveryPoint::consistent);
        site.close();
    }

    @Test
    void aDiskDoesNotShrinkNorIsItAttachedInAnotherWay() {
        Site site = Site.first(folder).with(grown);

        assertThat(site.ask(site.intake.define(vm)))
                .isInstanceOfSatisfying(Registration.Refused.class, refused -> assertThat(refused.reason())
                        .contains("disk0")
                        .contains("cannot shrink"));
        assertThat(site.export(vm, disk).info().size().bytes())
                .isEqualTo(grown.disks().getFirst().sizeBytes());
        site.close();
    }

    @Test
    void aDefinitionThatHasChangedIsInAPointAtOnce() {
        Site site = Site.first(folder).with(vm);
        Vm changed = new Vm(
                vm.id(), vm.name(), vm.disks(), vm.definition().changedTo("<domain>new</domain>", Firmware.NONE));

        // When
        site.with(changed);

        // Then
        assertThat(site.points(vm)).extracting(RecoveryPoint::vm).containsExactly(changed);
        site.close();
    }

    /** Nobody has written to it yet. */
    @Test
    void aDiskThatIsAddedIsInAPointAtOnce() {
        Disk added = SourceStage.vm(9, AttachMode.DIRECT, 3).disks().get(2);
        Vm more = SourceStage.with(vm, added);
        Site site = Site.first(folder).with(vm);

        // When
        site.with(more);

        // Then
        assertThat(site.points(vm)).extracting(RecoveryPoint::vm).containsExactly(more);
        assertThat(site.points(vm)).allMatch(RecoveryPoint::consistent);
        assertThat(site.opens(more, added)).isTrue();
        assertThat(kinds(site)).contains("disk-added");
        site.close();
    }

    @Test
    void aDiskThatIsTakenOutIsThereNoMoreAndTheOthersGoOn() {
        Vm fewer = SourceStage.without(vm, 1);
        Disk gone = vm.disks().get(1);
        Site site = Site.first(folder).with(vm);
        Connection staying = site.connect(vm, disk);
        Connection left = site.connect(vm, gone);
        left.write(0);
        site.owner.pass(Duration.ofSeconds(1));

        // When
        site.with(fewer);

        // Then
        assertThat(site.points(vm)).extracting(RecoveryPoint::vm).containsExactly(vm, fewer);
        assertThat(left.write(1).answer()).isEqualTo("SHUTTING_DOWN");
        Connection.Request write = staying.write(1);
        site.hand.force();
        assertThat(write.answer()).isEqualTo("done");
        assertThat(site.exports.find(
                        DiskExport.name(vm.name(), gone), new Client(new InetSocketAddress(1), new Client.Plaintext())))
                .isInstanceOf(ExportDirectory.Unknown.class);
        assertThat(kinds(site)).contains("disk-removed");
        site.die();

        // When
        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        next.owner.run();

        // Then
        assertThat(next.opens(fewer, disk)).isTrue();
        next.close();
    }

    /** Its copy ends with it, and the point that it stood in the way of is there. */
    @Test
    void aDiskThatIsBeingCopiedIsTakenOut() {
        Site site = Site.first(folder).with(vm);
        site.shipping = false;
        site.ask(site.intake.copyToReplica(disk.id()));
        assertThat(folder.resolve("dirty")).isNotEmptyDirectory();
        Vm fewer = SourceStage.without(vm, 0);

        // When
        site.with(fewer);

        // Then
        assertThat(site.points(vm).getLast().consistent()).isTrue();
        assertThat(folder.resolve("dirty")).isEmptyDirectory();
        site.shipping = true;
        settle(site);
        assertThat(hasEnded(site)).isFalse();
        site.close();
    }

    @Test
    void oneDiskHasToStay() {
        Disk added = SourceStage.vm(9, AttachMode.DIRECT, 1).disks().getFirst();
        Site site = Site.first(folder).with(vm);

        assertThat(site.ask(site.intake.define(vm.on(List.of(added))))).isInstanceOf(Registration.Refused.class);
        site.close();
    }

    @Test
    void theDisksOfAFencedVmStayAsTheyAre() {
        Site site = Site.first(folder).with(vm);
        site.fenced.add(vm.id());
        site.owner.execute(() -> site.intake.fencing().look(vm));

        assertThat(site.ask(site.intake.define(grown)))
                .isInstanceOfSatisfying(Registration.Refused.class, refused -> assertThat(refused.reason())
                        .contains("another site is its source"));
        site.close();
    }

    /** What was added is shipped, whatever is still to be copied of the rest. */
    @Test
    void aDiskThatIsBeingCopiedGrows() {
        Site site = Site.first(folder).with(vm);
        site.shipping = false;
        site.ask(site.intake.copyToReplica(disk.id()));
        assertThat(left(site)).isEqualTo(disk.sizeBytes());

        // When
        site.ask(site.intake.define(grown));

        // Then
        assertThat(left(site)).isEqualTo(disk.sizeBytes());
        site.connect(vm, disk).write(6 * 64);
        assertThat(newest(site).shipping()).isEqualTo(Shipping.SHIPPED);
        site.connect(vm, disk).write(0);
        assertThat(newest(site).shipping()).isEqualTo(Shipping.LEFT_OUT);

        // When
        site.shipping = true;
        settle(site);

        // Then
        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        site.close();
    }

    /** Between the record and the next bitmap. */
    @Test
    void aLifeThatDiesBeforeItsBitmapHasGrownLeavesTheCopyToTheNext() {
        Site site = Site.first(folder).with(vm);
        site.shipping = false;
        site.ask(site.intake.copyToReplica(disk.id()));
        site.ask(site.intake.define(grown));
        site.connect(vm, disk).write(6 * 64);
        site.hand.force();
        site.die();

        // When
        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of());
        next.shipping = false;

        // Then
        assertThat(left(next)).isEqualTo(grown.disks().getFirst().sizeBytes());

        // When
        next.shipping = true;
        settle(next);

        // Then
        assertThat(next.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(hasEnded(next)).isTrue();
        next.close();
    }

    private long left(Site site) {
        CompletableFuture<List<VmStatus>> status = site.intake.status();
        site.owner.run();
        return status.join().getFirst().disks().getFirst().copyLeftBytes().orElse(0);
    }

    private static byte[] read(Connection connection, long offset) {
        ByteBuffer bytes = ByteBuffer.allocate(512);
        connection.session().read(new Offset(offset), bytes, outcome -> {});
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }

    private static Entry.Data newest(Site site) {
        return site.entries().stream()
                .filter(entry -> entry instanceof Entry.Data data && data.shipping() != Shipping.COPIED)
                .map(Entry.Data.class::cast)
                .reduce((earlier, later) -> later)
                .orElseThrow();
    }

    private static List<String> kinds(Site site) {
        return site.events.since(0, 1000).stream().map(Event::kind).toList();
    }

    private static void settle(Site site) {
        for (int i = 0; i < 5; i++) {
            site.owner.pass(Duration.ofSeconds(1));
            site.owner.run();
            site.hand.force();
        }
    }

    private static boolean hasEnded(Site site) {
        return site.entries().stream().anyMatch(entry -> entry instanceof Entry.CopyEnd end && end.side() == Side.SHIP);
    }
}
