package io.tidemark.ship;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Audience;
import io.tidemark.vm.Clients;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Priority;
import io.tidemark.vm.Vm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a peer of an earlier release would take for damage is not shipped to it. */
class EarlierReleaseTest {

    private static final Vm PLAIN = SourceStage.vm(1, AttachMode.MIRROR_ACTIVE, 1);

    @Test
    void whatAPeerKnowsIsNoReason() {
        assertThat(EarlierRelease.objection("south", 1, PLAIN)).isEmpty();
        assertThat(EarlierRelease.objection("south", 3, seeded())).isEmpty();
        assertThat(EarlierRelease.objection("south", 4, seeded().with(Priority.HIGH)))
                .isEmpty();
    }

    @Test
    void aSeededDiskWantsAPeerThatCompares() {
        assertThat(EarlierRelease.objection("south", 2, seeded()))
                .hasValue(
                        "site south runs an earlier release, which does not know what a seeded disk is: upgrade it first");
    }

    @Test
    void aPriorityWantsAPeerThatKnowsIt() {
        assertThat(EarlierRelease.objection("south", 3, PLAIN.with(Priority.LOW)))
                .hasValue(
                        "site south runs an earlier release, which does not know what a priority is: upgrade it first");
    }

    @Test
    void aListOfClientsWantsAPeerThatHoldsToIt() {
        Vm named = PLAIN.of(new Clients(new Audience.Anyone(), Audience.of(List.of("CN:auditor"))));

        assertThat(EarlierRelease.objection("south", 4, named)).isEmpty();
        assertThat(EarlierRelease.objection("south", 3, named))
                .hasValue(
                        "site south runs an earlier release, which does not know what a list of clients is: upgrade it first");
    }

    private static Vm seeded() {
        Disk disk = PLAIN.disks().getFirst();
        return PLAIN.on(List.of(
                new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge(), true)));
    }
}
