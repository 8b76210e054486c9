package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.stage.ReplicaStage;
import io.tidemark.stage.SourceStage;
import io.tidemark.stage.StagedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.RecoveryPoint;
import io.tidemark.vm.Vm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replica whose journal has room for less than comes in the window's time. */
class SmallJournalTest {

    private static final Vm VM = SourceStage.vm(1, AttachMode.DIRECT, 1);
    private static final Duration FOLD_INTERVAL = Duration.ofSeconds(1);
    private static final int WRITE_BYTES = 32 << 10;
    private static final int ROUNDS = 80;

    @TempDir
    Path temporary;

    /** It keeps as much as it has room for, and never says that it is full. */
    @ParameterizedTest
    @ValueSource(ints = {3, 8})
    void takesAllThatComesAndKeepsWhatHasRoom(int segments) throws Exception {
        JournalSettings journal = quotaOf(segments);
        ReplicaSettings window = new ReplicaSettings(
                Duration.ofHours(24), journal.heldBytesMax(), 64 << 20, FOLD_INTERVAL, 1L << 30, 1L << 30, 1);
        StagedOwner owner = new StagedOwner();
        List<Sequence> flushes = new ArrayList<>();
        try (SourceStage source = new SourceStage(owner, temporary.resolve("source"));
                ReplicaStage replica = new ReplicaStage(owner, temporary, window, journal)) {
            source.define(VM);
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < 4; i++) {
                    source.write(VM, 0, 0, WRITE_BYTES, round + i);
                }
                flushes.add(source.flush(VM, 0));

                replica.shipAll(source);
                assertThat(replica.status().problems()).isEmpty();
                replica.pass(FOLD_INTERVAL);
            }

            List<Sequence> points =
                    replica.points(VM).stream().map(RecoveryPoint::sequence).toList();
            assertThat(points).hasSizeGreaterThan(1);
            assertThat(flushes).endsWith(points.toArray(Sequence[]::new));
            assertThat(ReplicaStage.read(
                            replica.hold(VM, new PointChoice.At(points.getFirst()))
                                    .orElseThrow(),
                            VM.disks().getFirst()))
                    .isEqualTo(source.diskAt(VM.disks().getFirst().id(), points.getFirst()));
        }
    }

    @Test
    void mostOfALargeQuotaCanBeHeldBack() {
        assertThat(quotaOf(100).heldBytesMax()).isGreaterThan(90L << 20);
    }

    private static JournalSettings quotaOf(int segments) {
        return new JournalSettings(1 << 20, 1, (long) segments << 20, 0, 1 << 14, Duration.ofMillis(50));
    }
}
