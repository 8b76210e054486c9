package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the death of the machine means to a VM as a whole. */
class AftermathTest {

    @TempDir
    Path folder;

    private final Vm plain = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private final Disk durable = plain.disks().getFirst();
    private final Disk journaled = with(plain.disks().getLast(), AckPolicy.JOURNALED);
    private final Vm mixed = new Vm(plain.id(), plain.name(), List.of(durable, journaled), plain.definition());

    /** Its guest may have seen writes to one disk acknowledged that are gone: its other disk must not go on without it. */
    @Test
    void allDisksOfAGuestThatMayHaveLostWritesWaitForItsRestart() {
        Site before = Site.first(folder).with(mixed);
        before.die();

        Site site = new Site(folder, 2, LifeBefore.MACHINE_DIED, Map.of());
        site.owner.run();
        site.hand.force();
        assertThat(site.opens(mixed, journaled)).isFalse();
        assertThat(site.opens(mixed, durable)).isFalse();

        site.ask(site.intake.guestRestarted(mixed.id()));
        assertThat(site.opens(mixed, journaled)).isTrue();
        assertThat(site.opens(mixed, durable)).isTrue();
        site.close();
    }

    /** What it was acknowledged is all there: nobody has to restart it. */
    @Test
    void aGuestWhoseDisksAreAllDurableGoesOn() {
        Site before = Site.first(folder).with(plain);
        before.die();

        Site site = new Site(folder, 2, LifeBefore.MACHINE_DIED, Map.of());
        site.owner.run();
        site.hand.force();
        assertThat(site.opens(plain, durable)).isTrue();
        site.close();
    }

    private static Disk with(Disk disk, AckPolicy policy) {
        return new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), policy);
    }
}
