package io.tidemark.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.Side;
import io.tidemark.link.Comparing;
import io.tidemark.link.Comparison;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.stage.SourceStage;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.ShipState;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy to a replica that has some of it: only what differs is appended. */
class ComparedCopyTest {

    private static final int BLOCK = DirtyBlocks.BLOCK_BYTES;
    private static final int SECTORS = BLOCK / 512;

    /** A question, and the answer that the test gives. */
    private record Asked(Comparison comparison, CompletableFuture<Optional<BitSet>> answer) {}

    private static final class Replica implements Comparing {
        private final List<Asked> asked = new ArrayList<>();

        @Override
        public boolean compares() {
            return true;
        }

        @Override
        public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
            Asked question = new Asked(comparison, new CompletableFuture<>());
            asked.add(question);
            return question.answer();
        }

        void answer(int... blocks) {
            BitSet equal = new BitSet();
            for (int block : blocks) {
                equal.set(block);
            }
            asked.removeFirst().answer().complete(Optional.of(equal));
        }
    }

    @TempDir
    Path folder;

    private final Replica replica = new Replica();
    private final Vm vm = seeded(AttachMode.MIRROR_ACTIVE, 1);
    private final Disk disk = vm.disks().getFirst();
    private Site site;

    @BeforeEach
    void begin() {
        site = site(1).with(vm);
    }

    @AfterEach
    void end() {
        site.close();
    }

    @Test
    void nothingIsShippedOrComparedWhileTheSourceFillsTheDisk() {
        site.connect(vm, disk).write(1);
        pass();

        assertThat(replica.asked).isEmpty();
        assertThat(site.entries())
                .filteredOn(Entry.Data.class::isInstance)
                .singleElement()
                .satisfies(entry -> assertThat(((Entry.Data) entry).shipping()).isEqualTo(Shipping.LEFT_OUT));
        assertThat(site.state(disk).ship()).isEqualTo(ShipState.COPYING);
    }

    @Test
    void whatIsTheSameThereIsNotCopied() {
        fill(0, 1, 2, 3);

        // Then: it compares behind everything that is in it
        Comparison question = replica.asked.getFirst().comparison();
        assertThat(question.extent()).isEqualTo(new Extent(0, 4L * BLOCK));
        assertThat(question.after()).isEqualTo(endOfTheSourcesCopy());

        // When
        replica.answer(0, 1, 3);
        pass();

        // Then
        assertThat(copied()).containsExactly(new Extent(2L * BLOCK, BLOCK));
        assertThat(hasEnded()).isTrue();
        assertThat(site.points(vm)).anyMatch(RecoveryPoint::consistent);
    }

    @Test
    void aReplicaThatHasItAllGetsNothingButTheEnd() {
        fill(0, 1, 2, 3);

        replica.answer(0, 1, 2, 3);
        pass();

        assertThat(copied()).isEmpty();
        assertThat(hasEnded()).isTrue();
    }

    @Test
    void whatWasWrittenBeforeTheAnswerIsNotTakenForTheSame() {
        fill(0, 1, 2, 3);
        site.connect(vm, disk).write(SECTORS + 1); // left out, since its block is to be copied

        replica.answer(0, 1, 2, 3);
        pass();

        // Then it is asked again about that block alone
        assertThat(hasEnded()).isFalse();
        assertThat(replica.asked)
                .singleElement()
                .satisfies(asked -> assertThat(asked.comparison().extent()).isEqualTo(new Extent(BLOCK, BLOCK)));

        // When
        replica.answer();
        pass();

        // Then
        assertThat(copied()).containsExactly(new Extent(BLOCK, BLOCK));
        assertThat(hasEnded()).isTrue();
    }

    /** Nothing makes the replica hear of them before something is shipped again. */
    @Test
    void recordsThatAreLeftOutInTheEndAreNotWaitedFor() {
        Vm other = seeded(AttachMode.MIRROR_ACTIVE, 2);
        site.with(other);
        Connection filling = site.connect(other, other.disks().getFirst());
        filling.write(0);
        fill(0, 1, 2, 3);
        Sequence shipped = site.appended();
        filling.write(1);
        filling.write(2);
        assertThat(site.appended()).isEqualTo(shipped.next().next());

        // When it is asked again behind them, and no cut has come yet
        replica.asked.removeFirst().answer().complete(Optional.empty());
        site.owner.pass(Duration.ofMillis(300));
        site.owner.run();

        // Then
        assertThat(site.appended()).isEqualTo(shipped.next().next());
        assertThat(replica.asked)
                .singleElement()
                .satisfies(asked -> assertThat(asked.comparison().after()).isEqualTo(shipped));
    }

    /** Its writes come in any order while its job runs, and are in sync at no time but the job's end: what it lacks is copied all the same. */
    @Test
    void aDiskWithoutASeedIsCopiedWhileItsSourceCopies() {
        Vm plain = SourceStage.vm(3, AttachMode.MIRROR_BACKGROUND, 1);
        site.with(plain);
        site.connect(plain, plain.disks().getFirst()).write(0);

        site.ask(site.intake.copyToReplica(plain.disks().getFirst().id()));
        pass();

        assertThat(replica.asked).isNotEmpty();
    }

    @Test
    void whatIsNotAnsweredIsAskedAgain() {
        fill(0, 1, 2, 3);

        replica.asked.removeFirst().answer().complete(Optional.empty());
        pass();

        assertThat(replica.asked).hasSize(1);
        assertThat(copied()).isEmpty();
        assertThat(hasEnded()).isFalse();
    }

    @Test
    void aLifeThatDiesBeforeTheAnswerLeavesItToTheNext() {
        fill(0, 1, 2, 3);
        site.die();
        replica.asked.clear();

        site = new Site(folder, 2, LifeBefore.PROCESS_DIED, Map.of(), stream -> false, replica);
        var unused = site.connect(vm, disk);
        assertThat(site.ask(site.intake.endCopy(disk.id(), site.state(disk).gaps())))
                .isInstanceOf(Registration.Done.class);
        pass();
        replica.answer(0, 1, 2, 3);
        pass();

        assertThat(copied()).isEmpty();
        assertThat(hasEnded()).isTrue();
    }

    @Test
    void aDiskCannotBecomeSeededOrCeaseToBe() {
        Vm plain = vm.on(
                List.of(new Disk(disk.id(), disk.name(), disk.sizeBytes(), disk.attachMode(), disk.acknowledge())));

        assertThat(site.ask(site.intake.define(plain)))
                .isInstanceOfSatisfying(Registration.Refused.class, refused -> assertThat(refused.reason())
                        .contains("registered as seeded"));
    }

    /** The source writes to these blocks, and its copy ends. */
    private void fill(int... blocks) {
        Connection source = site.connect(vm, disk);
        for (int block : blocks) {
            source.write(block * SECTORS);
        }
        assertThat(site.ask(site.intake.endCopy(disk.id(), 0))).isInstanceOf(Registration.Done.class);
        pass();
        assertThat(replica.asked).hasSize(1);
    }

    private void pass() {
        for (int i = 0; i < 5; i++) {
            site.owner.pass(Duration.ofSeconds(1));
            site.owner.run();
            site.hand.force();
            site.intake.shipped(site.journal.durable());
        }
    }

    private List<Extent> copied() {
        return site.entries().stream()
                .filter(entry -> entry instanceof Entry.Data data && data.shipping() == Shipping.COPIED)
                .map(entry -> ((Entry.Data) entry).extent())
                .toList();
    }

    private Sequence endOfTheSourcesCopy() {
        return site.hand.records().stream()
                .filter(record -> record.entry() instanceof Entry.CopyEnd)
                .reduce((one, other) -> other)
                .orElseThrow()
                .sequence();
    }

    private boolean hasEnded() {
        return site.entries().stream().anyMatch(entry -> entry instanceof Entry.CopyEnd end && end.side() == Side.SHIP);
    }

    private Site site(long life) {
        return new Site(folder, life, LifeBefore.ENDED_CLEANLY, Map.of(), stream -> false, replica);
    }

    private static Vm seeded(AttachMode mode, int number) {
        Vm vm = SourceStage.vm(number, mode, 1);
        Disk disk = vm.disks().getFirst();
        return vm.on(List.of(new Disk(disk.id(), new Name("disk"), 4L * BLOCK, mode, AckPolicy.DURABLE, true)));
    }
}
