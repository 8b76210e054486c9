package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica of a VM whose disks change: each point has those that the VM had there. */
class ChangedDisksTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final int LARGER = SourceStage.DISK_BYTES + 8192;
    private static final Vm GROWN = SourceStage.grown(VM, 0, LARGER);

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private SourceStage source;
    private ReplicaStage replica;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, ReplicaStage.SETTINGS);
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void aPointHasTheSizeThatADiskHadThere() throws Exception {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence before = source.flush(VM, 0);
        source.define(GROWN);
        source.write(GROWN, 0, SourceStage.DISK_BYTES - 512, 4096, 2);
        Sequence after = source.flush(GROWN, 0);

        // When
        replica.shipAll(source);

        // Then
        assertThatItIsThere(before, VM);
        assertThatItIsThere(after, GROWN);

        // When
        replica.kill();

        // Then
        assertThatItIsThere(before, VM);
        assertThatItIsThere(after, GROWN);
    }

    @Test
    void itIsFoldedOverTheGrowthAndGoesOnAfterARestart() throws Exception {
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence before = source.flush(VM, 0);
        source.define(GROWN);
        source.write(GROWN, 0, SourceStage.DISK_BYTES, 4096, 2);
        Sequence after = source.flush(GROWN, 0);
        replica.shipAll(source);

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(replica.status().floor()).isEqualTo(after);
        assertThat(replica.points(VM)).extracting(RecoveryPoint::sequence).doesNotContain(before);
        assertThatItIsThere(after, GROWN);

        // When
        replica.restart();
        source.write(GROWN, 0, SourceStage.DISK_BYTES + 4096, 4096, 3);
        Sequence last = source.flush(GROWN, 0);
        replica.shipAll(source);

        // Then
        assertThatItIsThere(after, GROWN);
        assertThatItIsThere(last, GROWN);
    }

    @Test
    void aDiskThatWasTakenOutIsInThePointsBeforeUntilTheyLeave() throws Exception {
        Vm fewer = SourceStage.without(VM, 0);
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.flush(VM, 0);
        replica.shipAll(source);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2)); // so that its volume holds something
        source.write(VM, 0, 4096, 4096, 2);
        Sequence before = source.flush(VM, 0);
        source.define(fewer);
        Sequence after = source.cut();

        // When
        replica.shipAll(source);

        // Then
        assertThatItIsThere(before, VM);
        assertThatItIsThere(after, fewer);
        replica.restart();
        assertThatItIsThere(before, VM);
        replica.kill();
        assertThatItIsThere(before, VM);
        assertThat(volume(0)).exists();

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        assertThat(replica.status().floor()).isEqualTo(after);
        assertThatItIsThere(after, fewer);
        assertThat(volume(0)).doesNotExist();
        assertThat(volume(1)).exists();
        replica.restart();
        assertThatItIsThere(after, fewer);
        assertThat(volume(0)).doesNotExist();
    }

    /** The drill may last for longer than the window. */
    @Test
    void aDiskThatWasTakenOutStaysForADrillOfAPointBefore() throws Exception {
        Vm fewer = SourceStage.without(VM, 0);
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        Sequence before = source.flush(VM, 0);
        source.define(fewer);
        source.cut();
        replica.shipAll(source);
        HeldPoint drill = replica.hold(VM, new PointChoice.At(before)).orElseThrow();

        // When
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        // Then
        Disk gone = VM.disks().getFirst();
        assertThat(ReplicaStage.read(drill, gone)).isEqualTo(source.diskAt(gone.id(), before));
        drill.hold().close();
        replica.pass(Duration.ofSeconds(1));
        assertThat(volume(0)).doesNotExist();
    }

    @Test
    void aDiskThatIsAddedIsInThePointsFromThereOn() throws Exception {
        Vm one = SourceStage.without(VM, 1);
        source.define(one);
        source.write(one, 0, 0, 4096, 1);
        Sequence before = source.flush(one, 0);
        source.define(VM);
        Sequence added = source.cut();
        source.write(VM, 1, 0, 4096, 2);
        Sequence after = source.flush(VM, 1);

        // When
        replica.shipAll(source);
        replica.restart();

        // Then
        assertThatItIsThere(before, one);
        assertThatItIsThere(added, VM);
        assertThatItIsThere(after, VM);
    }

    private Path volume(int disk) {
        return replica.folder().resolve("volumes").resolve(VM.disks().get(disk).id() + ".raw");
    }

    private void assertThatItIsThere(Sequence at, Vm vm) {
        HeldPoint point = replica.hold(VM, new PointChoice.At(at)).orElseThrow();
        assertThat(point.point().vm()).isEqualTo(vm);
        for (Disk disk : vm.disks()) {
            assertThat(ReplicaStage.read(point, disk)).isEqualTo(source.diskAt(disk.id(), at, disk.sizeBytes()));
        }
        point.hold().close();
    }
}
