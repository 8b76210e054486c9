package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of a VM that was promoted here, before and after it is known what its replica lacks. */
class HeldCopyTest {

    @TempDir
    Path folder;

    private final Vm vm = SourceStage.vm(1, AttachMode.DIRECT, 1);
    private final Disk disk = vm.disks().getFirst();

    @Test
    void nothingIsCopiedAndNoPointMadeBeforeItIsKnown() {
        Site site = adopted();
        site.connect(vm, disk).write(3);
        settle(site);

        assertThat(copies(site)).isZero();
        assertThat(hasEnded(site)).isFalse();
        assertThat(site.points(vm)).noneMatch(RecoveryPoint::consistent);
        site.close();
    }

    @Test
    void whatIsLackingIsCopiedAndTheCopyEndsWhenThatIsAll() {
        Site site = adopted();
        settle(site);

        // When
        say(site, block());
        settle(site);

        // Then: copied, and still open
        assertThat(copies(site)).isEqualTo(1);
        assertThat(hasEnded(site)).isFalse();

        // When
        site.intake.release(vm);
        settle(site);

        // Then
        assertThat(hasEnded(site)).isTrue();
        assertThat(site.state(disk).ship()).isEqualTo(ShipState.FULL);
        assertThat(copies(site)).isEqualTo(1);
        site.close();
    }

    @Test
    void whereNothingIsLackingNothingIsCopied() {
        Site site = adopted();
        say(site, new DirtyBlocks(disk.sizeBytes()));
        site.intake.release(vm);
        settle(site);

        assertThat(hasEnded(site)).isTrue();
        assertThat(copies(site)).isZero();
        site.close();
    }

    @Test
    void aDiskOfWhichNothingIsSaidIsCopiedAsAWhole() {
        Site site = adopted();
        site.ask(site.intake.lacking(vm, Map.of()).thenApply(done -> new Registration.Unchanged()));
        site.intake.release(vm);
        settle(site);

        assertThat(hasEnded(site)).isTrue();
        assertThat(copies(site)).isEqualTo(1);
        site.close();
    }

    @Test
    void aLifeThatDiesWhileItIsNotKnownLeavesThatToTheNext() {
        Site site = adopted();
        site.hand.force();
        site.die();

        // When
        Site next = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of(), vm::has);
        settle(next);

        // Then
        assertThat(hasEnded(next)).isFalse();

        // When
        say(next, block());
        next.intake.release(vm);
        settle(next);

        // Then
        assertThat(hasEnded(next)).isTrue();
        assertThat(copies(next)).isEqualTo(1);
        next.close();
    }

    private Site adopted() {
        Site site = Site.first(folder);
        CompletableFuture<Registration> adopted = site.intake.adopt(vm);
        assertThat(site.ask(adopted)).isInstanceOf(Registration.Done.class);
        return site;
    }

    private void say(Site site, DirtyBlocks blocks) {
        site.ask(site.intake
                .lacking(vm, Map.<StreamId, DirtyBlocks>of(disk.id(), blocks))
                .thenApply(done -> new Registration.Unchanged()));
    }

    private DirtyBlocks block() {
        DirtyBlocks blocks = new DirtyBlocks(disk.sizeBytes());
        blocks.mark(new Extent(0, 512));
        return blocks;
    }

    private static void settle(Site site) {
        for (int i = 0; i < 5; i++) {
            site.owner.pass(Duration.ofSeconds(1));
            site.owner.run();
            site.hand.force();
        }
    }

    private static long copies(Site site) {
        return site.entries().stream()
                .filter(entry -> entry instanceof Entry.Data data && data.shipping() == Shipping.COPIED)
                .count();
    }

    private static boolean hasEnded(Site site) {
        return site.entries().stream().anyMatch(entry -> entry instanceof Entry.CopyEnd end && end.side() == Side.SHIP);
    }
}
