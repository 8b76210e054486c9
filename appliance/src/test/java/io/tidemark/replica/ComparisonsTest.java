package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.link.Comparison;
import io.tidemark.stage.RecordedDownlink;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import io.tidemark.volume.Digests;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica is asked which blocks of a disk it has already. */
class ComparisonsTest {

    private static final int BLOCK = Comparison.BLOCK_BYTES;

    /** Three blocks, the last one short. */
    private static final long BYTES = 2L * BLOCK + 512;

    @TempDir
    Path temporary;

    private final Vm vm = vm();
    private final ByteBuffer content = ByteBuffer.allocate((int) BYTES);
    private final StagedOwner owner = new StagedOwner();
    private SourceStage source;
    private ReplicaStage replica;

    @BeforeEach
    void begin() throws Exception {
        source = new SourceStage(owner, temporary.resolve("source"));
        replica = new ReplicaStage(owner, temporary, ReplicaStage.SETTINGS);
        source.define(vm);
        write(0, 512, 7);
        write(BLOCK + 1024, 2048, 9);
        write(2 * BLOCK, 512, 3);
    }

    @AfterEach
    void end() {
        replica.close();
        source.close();
    }

    @Test
    void whatIsInTheJournalIsCompared() {
        ship();

        assertThat(answer(question(content, source.journal().appended()))).isEqualTo(blocks(0, 1, 2));

        content.put(BLOCK + 5, (byte) 1);
        assertThat(answer(question(content, source.journal().appended()))).isEqualTo(blocks(0, 2));
    }

    @Test
    void whatHasLeftTheWindowIsComparedInTheVolume() {
        source.flush(vm, 0);
        ship();
        replica.pass(ReplicaStage.WINDOW.multipliedBy(2));
        assertThat(replica.status().applied()).isEqualTo(source.journal().appended());

        content.put(2 * BLOCK, (byte) 1);

        assertThat(answer(question(content, source.journal().appended()))).isEqualTo(blocks(0, 1));
    }

    @Test
    void nothingIsComparedBeforeAllThatWasAskedForIsDurable() {
        ship();
        Sequence later = write(0, 512, 8);
        replica.now().onCompare(1, question(content, later));
        owner.until(() -> replica.leases() == 0);
        assertThat(replica.link().answers).isEmpty();

        // When
        List<Range> rest = source.ranges(later.previous(), 8 << 10);
        rest.forEach(replica::deliver);

        // Then
        owner.until(() -> !replica.link().answers.isEmpty());
        assertThat(replica.link().durable()).isEqualTo(later);
        assertThat(replica.link().answers.get(1L)).isEqualTo(blocks(0, 1, 2));
    }

    @Test
    void aDiskThatIsNotHereOrNotSoLargeHasNothing() {
        ship();
        Comparison other = new Comparison(
                new StreamId(new UUID(9, 9)), new Extent(0, BLOCK), Sequence.NONE, digests(ByteBuffer.allocate(BLOCK)));
        Comparison larger = new Comparison(
                vm.disks().getFirst().id(),
                new Extent(2L * BLOCK, BLOCK),
                Sequence.NONE,
                digests(ByteBuffer.allocate(BLOCK)));

        assertThat(answer(other)).isEqualTo(blocks());
        assertThat(answer(larger)).isEqualTo(blocks());
    }

    @Test
    void whoHasGoneIsNotAnswered() {
        ship();
        replica.now().onCompare(1, question(content, source.journal().appended().next()));
        RecordedDownlink gone = replica.link();
        replica.disconnect();

        write(0, 512, 8);
        replica.shipAll(source);

        assertThat(gone.answers).isEmpty();
        assertThat(replica.link().answers).isEmpty();
    }

    /** Ships everything, in a session that goes on. */
    private void ship() {
        Sequence last = replica.connect();
        source.durable();
        source.ranges(last, 8 << 10).forEach(replica::deliver);
        owner.until(() -> replica.link().durable().equals(source.journal().appended()));
    }

    private BitSet answer(Comparison question) {
        long number = replica.link().answers.size() + 1L;
        replica.now().onCompare(number, question);
        owner.until(() -> replica.link().answers.containsKey(number));
        return replica.link().answers.getOrDefault(number, new BitSet());
    }

    private Sequence write(int offset, int length, int fill) {
        for (int i = 0; i < length; i++) {
            content.put(offset + i, (byte) (fill + i / 512));
        }
        return source.write(vm, 0, offset, length, fill);
    }

    private Comparison question(ByteBuffer what, Sequence after) {
        return new Comparison(vm.disks().getFirst().id(), new Extent(0, BYTES), after, digests(what));
    }

    private static ByteBuffer digests(ByteBuffer what) {
        return Digests.of(what, BLOCK);
    }

    private static BitSet blocks(int... set) {
        BitSet blocks = new BitSet();
        for (int block : set) {
            blocks.set(block);
        }
        return blocks;
    }

    private static Vm vm() {
        Vm small = SourceStage.vm(1, AttachMode.DIRECT, 1);
        Disk disk = small.disks().getFirst();
        return new Vm(
                small.id(),
                small.name(),
                List.of(new Disk(disk.id(), new Name("disk"), BYTES, AttachMode.DIRECT, AckPolicy.DURABLE)),
                Definition.NONE);
    }
}
