package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.link.ErrorCode;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranges that are whole and hold what no source would write. */
class HostileRangesTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 1);

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

    static Stream<ByteBuffer> documents() {
        return Stream.of(
                ByteBuffer.allocate(0),
                StandardCharsets.UTF_8.encode("null"),
                StandardCharsets.UTF_8.encode("[".repeat(5000)),
                VmDocument.write(SourceStage.vm(2, AttachMode.DIRECT, 1)),
                VmDocument.write(VM).limit(100));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void aVmThatCannotBeReadIsRefusedAndNothingOfItsRangeIsKept(ByteBuffer document) {
        Sequence point = pointOf(VM);
        source.append(new Entry.VmDefined(VM.id(), document));
        source.flush(VM, 0);
        replica.connect();
        Range range = source.ranges(point, 1 << 20).getFirst();

        replica.deliver(range);

        assertThat(replica.link().refusals).containsExactly(ErrorCode.PROTOCOL);
        assertThat(replica.status().received()).isEqualTo(point);
        replica.restart();
        assertThat(replica.status().problems()).isEmpty();
        assertThat(replica.points(VM)).extracting(RecoveryPoint::sequence).containsExactly(point);
    }

    @Test
    void aWriteOutsideItsDiskStopsTheVolumesByNameAndKeepsThePoints() {
        Sequence point = pointOf(VM);
        source.append(new Entry.Write(
                VM.disks().getFirst().id(), Epoch.FIRST, Long.MAX_VALUE - 512, ByteBuffer.allocateDirect(512)));
        Sequence behind = source.flush(VM, 0);
        replica.shipAll(source);

        owner.pass(ReplicaStage.WINDOW.plusSeconds(1));
        owner.pass(ReplicaStage.WINDOW.multipliedBy(2));
        owner.until(() -> !replica.status().problems().isEmpty());

        assertThat(replica.status().problems().getFirst())
                .contains("behind record " + point.next().previous());
        assertThat(replica.status().applied()).isLessThanOrEqualTo(point);
        assertThat(replica.points(VM)).extracting(RecoveryPoint::sequence).contains(behind);
        assertThat(ReplicaStage.read(
                        replica.hold(VM, new PointChoice.At(behind)).orElseThrow(),
                        VM.disks().getFirst()))
                .isEqualTo(source.diskAt(VM.disks().getFirst().id(), point));
    }

    /** A VM with something in it, and its first point, which is durable there. */
    private Sequence pointOf(Vm vm) {
        source.define(vm);
        source.write(vm, 0, 0, 4096, 1);
        Sequence point = source.flush(vm, 0);
        source.durable();
        replica.shipAll(source);
        return point;
    }
}
