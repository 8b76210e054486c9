package io.tidemark.vm;

import static io.tidemark.journal.Entries.stream;
import static io.tidemark.vm.Vms.defined;
import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PointLogTest {

    private static final Vm TWO_DISKS = vm(1, 0, AttachMode.DIRECT, AttachMode.FANOUT);
    private static final Vm BACKGROUND = vm(2, 5, AttachMode.MIRROR_BACKGROUND);

    private final Ledger ledger = new Ledger();
    private final PointLog points = new PointLog(ledger);
    private long sequence;

    @Test
    void aPointOfOneDiskIsAPointOfItsVm() {
        begin();

        // When
        Sequence at = apply(new Entry.Flush(stream(0), Epoch.FIRST));

        // Then
        RecoveryPoint point = points.at(TWO_DISKS.id(), at).orElseThrow();
        assertThat(point.kind()).isEqualTo(RecoveryPoint.Kind.FLUSH);
        assertThat(point.vm()).isEqualTo(TWO_DISKS);
        assertThat(point.consistent()).isTrue();
    }

    @Test
    void aGapOfOneDiskWithdrawsThePointsOfItsVmAndOfNoOther() {
        begin();
        Sequence before = apply(new Entry.Cut());
        Sequence after = apply(new Entry.Flush(stream(0), Epoch.FIRST));
        Sequence other = apply(new Entry.CopyEnd(stream(5), Epoch.FIRST, Side.INTAKE));

        // When
        apply(new Entry.Gap(stream(1), before, "lost"));
        Sequence later = apply(new Entry.Cut());

        // Then
        assertThat(points.at(TWO_DISKS.id(), before).orElseThrow().consistent()).isTrue();
        assertThat(points.at(TWO_DISKS.id(), after).orElseThrow().consistent()).isFalse();
        assertThat(points.at(TWO_DISKS.id(), later).orElseThrow().consistent()).isFalse();
        assertThat(points.at(TWO_DISKS.id(), after).orElseThrow().standing())
                .as("the reason, the same for both")
                .isEqualTo(points.at(TWO_DISKS.id(), later).orElseThrow().standing())
                .isEqualTo(new Standing.Inconsistent(
                        "disk " + TWO_DISKS.disks().get(1).name() + ": writes may be missing behind record " + before
                                + ": lost"));
        assertThat(points.at(BACKGROUND.id(), other).orElseThrow().consistent()).isTrue();
        assertThat(points.newestConsistent(TWO_DISKS.id(), later).orElseThrow().sequence())
                .isEqualTo(before);
    }

    @Test
    void aCutIsNoPointOfAVmWithoutAnOrder() {
        begin();

        // When
        Sequence cut = apply(new Entry.Cut());

        // Then
        assertThat(points.at(BACKGROUND.id(), cut)).isEmpty();
        assertThat(points.at(TWO_DISKS.id(), cut)).isPresent();
    }

    @Test
    void aCopyTakesNothingFromThePointsBeforeIt() {
        begin();
        Sequence good = apply(new Entry.Cut());

        // When
        apply(new Entry.CopyBegin(stream(1), Epoch.FIRST, Side.INTAKE));
        Sequence during = apply(new Entry.Cut());
        Sequence end = apply(new Entry.CopyEnd(stream(1), Epoch.FIRST, Side.INTAKE));

        // Then
        assertThat(points.at(TWO_DISKS.id(), good).orElseThrow().consistent()).isTrue();
        assertThat(points.at(TWO_DISKS.id(), during).orElseThrow().consistent()).isFalse();
        assertThat(points.at(TWO_DISKS.id(), end).orElseThrow().consistent()).isTrue();
    }

    @Test
    void thePointsOfARemovedVmStayUntilTheFloorPassesThem() {
        begin();
        Sequence point = apply(new Entry.Cut());
        Sequence removed = apply(new Entry.VmRemoved(TWO_DISKS.id()));
        assertThat(points.vms()).contains(TWO_DISKS);

        // When
        points.forgetBefore(point);
        assertThat(points.vms()).contains(TWO_DISKS);
        points.forgetBefore(removed);

        // Then
        assertThat(points.vms()).doesNotContain(TWO_DISKS);
    }

    @Test
    void timesAreLabelsFromBefore1970Too() {
        begin();
        ledger.apply(new Mark(new Sequence(++sequence), -1, new Entry.Cut()));
        points.apply(new Mark(new Sequence(sequence), -1, new Entry.Cut()));

        assertThat(points.at(TWO_DISKS.id(), new Sequence(sequence))
                        .orElseThrow()
                        .time())
                .isEqualTo(Instant.EPOCH.minusNanos(1));
    }

    private void begin() {
        apply(defined(TWO_DISKS));
        apply(defined(BACKGROUND));
        apply(new Entry.CopyEnd(stream(1), Epoch.FIRST, Side.INTAKE));
    }

    private Sequence apply(Entry.Control entry) {
        Mark mark = new Mark(new Sequence(++sequence), 0, entry);
        ledger.apply(mark);
        points.apply(mark);
        return mark.sequence();
    }
}
