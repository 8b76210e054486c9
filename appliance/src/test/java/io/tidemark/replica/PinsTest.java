package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.journal.Sequence;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pinned points of a real replica, long after the recovery window has left them. */
class PinsTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 2);
    private static final Vm OTHER = SourceStage.vm(2, AttachMode.DIRECT, 1);
    private static final Name NAME = new Name("before-upgrade");

    /** Gives pins up beyond 64 KiB. */
    private static final ReplicaSettings NARROW =
            new ReplicaSettings(ReplicaStage.WINDOW, 1L << 30, 64 << 20, Duration.ofSeconds(1), 1L << 30, 64 << 10, 1);

    @TempDir
    Path temporary;

    private final StagedOwner owner = new StagedOwner();
    private SourceStage source;
    private ReplicaStage replica;
    private Sequence first = Sequence.NONE;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, NARROW);
        source.define(VM);
        source.write(VM, 0, 0, 4096, 1);
        source.write(VM, 1, 0, 4096, 2);
        first = source.flush(VM, 0);
        replica.shipAll(source);
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void aPinnedPointIsExactLongAfterTheWindowHasLeftIt() {
        pinned(new PointChoice.At(first));
        overwrite(3);

        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        replica.restart();
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(replica.status().floor()).isEqualTo(first);
        assertIsExact(replica.hold(VM, new PointChoice.Pinned(NAME)).orElseThrow());
    }

    @Test
    void withoutItsPinThePointLeaves() {
        pinned(new PointChoice.At(first));
        Sequence newest = overwrite(3);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertThat(owner.await(replica.now().unpin(VM.id(), NAME))).isTrue();
        assertThat(owner.await(replica.now().unpin(VM.id(), NAME))).isFalse();
        replica.pass(Duration.ofSeconds(1));

        assertThat(replica.status().floor()).isEqualTo(newest);
        assertThat(replica.hold(VM, new PointChoice.Pinned(NAME))).isEmpty();
    }

    @Test
    void twoPinsOfAPointKeepItUntilBothAreGone() {
        Name second = new Name("audit");
        pinned(new PointChoice.At(first));
        assertThat(pin(second, new PointChoice.Pinned(NAME))).isInstanceOf(PinOutcome.Pinned.class);
        overwrite(3);
        owner.await(replica.now().unpin(VM.id(), NAME));

        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));

        assertIsExact(replica.hold(VM, new PointChoice.Pinned(second)).orElseThrow());
    }

    @Test
    void overItsLimitAPinGoesAndTheLastGoodPointOfAVmStays() {
        source.define(OTHER);
        source.write(OTHER, 0, 0, 4096, 1);
        Sequence lastOfOther = source.flush(OTHER, 0);
        replica.shipAll(source);
        pinned(new PointChoice.At(first));

        for (int i = 0; i < 5; i++) {
            source.write(VM, 0, 0, 32 << 10, i);
            source.flush(VM, 0);
            replica.shipAll(source);
            owner.pass(ReplicaStage.WINDOW);
        }
        owner.until(() -> replica.status().floor().isAfter(first));

        assertThat(replica.status().floor()).isEqualTo(lastOfOther);
        assertThat(replica.events.since(0, 100))
                .filteredOn(event -> event.severity() == Event.Severity.ERROR)
                .extracting(Event::kind)
                .containsExactly("pin-given-up");
        assertThat(owner.await(replica.now().pins(VM.id()))).isEmpty();
    }

    @Test
    void aNameMeansOnePoint() {
        pinned(new PointChoice.At(first));
        Sequence newest = overwrite(3);

        assertThat(pin(NAME, new PointChoice.At(first))).isInstanceOf(PinOutcome.Pinned.class);
        assertThat(pin(NAME, new PointChoice.At(newest))).isInstanceOf(PinOutcome.Refused.class);
        assertThat(pin(new Name("other"), new PointChoice.At(newest.next())))
                .isInstanceOf(PinOutcome.NoSuchPoint.class);

        assertThat(owner.await(replica.now().pins(VM.id())))
                .extracting(each -> each.point().sequence())
                .containsExactly(first);
    }

    @Test
    void whileItIsNotKnownWhatIsPinnedPointsAreThereAndNoneGoes() throws Exception {
        pinned(new PointChoice.At(first));
        replica.stop();
        Path file = replica.folder().resolve("pins.json");
        byte[] good = Files.readAllBytes(file);
        Files.writeString(file, "{\"format\":1}");

        replica.begin();
        overwrite(3);
        replica.pass(Duration.ofSeconds(1));
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().problems()).anyMatch(problem -> problem.contains("pins.json"));
        assertThat(pin(NAME, new PointChoice.At(first))).isInstanceOf(PinOutcome.Refused.class);
        assertIsExact(replica.hold(VM, new PointChoice.At(first)).orElseThrow());

        replica.stop();
        Files.write(file, good);
        replica.begin();
        assertIsExact(replica.hold(VM, new PointChoice.Pinned(NAME)).orElseThrow());
    }

    @Test
    void overTheLimitNothingIsKeptForPinsThatAreNotKnown() throws Exception {
        replica.stop();
        Files.writeString(replica.folder().resolve("pins.json"), "damaged");
        replica.begin();

        for (int i = 0; i < 5; i++) {
            source.write(VM, 0, 0, 32 << 10, i);
            source.flush(VM, 0);
            replica.shipAll(source);
            owner.pass(ReplicaStage.WINDOW);
        }
        owner.until(() -> replica.status().floor().isAfter(first));

        assertThat(replica.status().problems()).isEmpty();
        pinned(new PointChoice.Latest());
    }

    private void pinned(PointChoice choice) {
        assertThat(pin(NAME, choice)).isInstanceOf(PinOutcome.Pinned.class);
    }

    private PinOutcome pin(Name name, PointChoice choice) {
        return owner.await(replica.now().pin(VM.id(), name, choice, Instant.EPOCH));
    }

    private Sequence overwrite(int fill) {
        source.write(VM, 0, 0, 8192, fill);
        Sequence newest = source.flush(VM, 0);
        replica.shipAll(source);
        return newest;
    }

    private void assertIsExact(HeldPoint point) {
        assertThat(point.point().sequence()).isEqualTo(first);
        for (Disk disk : VM.disks()) {
            assertThat(ReplicaStage.read(point, disk)).isEqualTo(source.diskAt(disk.id(), first));
        }
        point.hold().close();
    }
}
