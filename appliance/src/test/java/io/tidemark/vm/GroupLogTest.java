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
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupLogTest {

    private static final Name SHOP = new Name("webshop");
    private static final Vm WEB = vm(1, 0, AttachMode.DIRECT).in(in(SHOP, 2));
    private static final Vm DB = vm(2, 5, AttachMode.DIRECT, AttachMode.FANOUT).in(in(SHOP, 1));
    private static final Vm BACKUP = vm(3, 9, AttachMode.MIRROR_BACKGROUND).in(in(SHOP, 3));
    private static final Vm OTHER = vm(4, 20, AttachMode.DIRECT);

    private final Ledger ledger = new Ledger();
    private final GroupLog groups = new GroupLog(ledger);
    private long sequence;

    @Test
    void anEpochEndOfAnyVmIsAPointOfAllInStartOrder() {
        begin();

        // When
        Sequence flush = apply(new Entry.Flush(stream(0), Epoch.FIRST));
        Sequence cut = apply(new Entry.Cut());

        // Then
        GroupPoint point = at(flush);
        assertThat(point.vms()).containsExactly(DB, WEB);
        assertThat(point.kind()).isEqualTo(RecoveryPoint.Kind.FLUSH);
        assertThat(point.consistent()).isTrue();
        assertThat(at(cut).kind()).isEqualTo(RecoveryPoint.Kind.CUT);
    }

    @Test
    void whatHappensToVmsOutsideIsNoPointOfTheGroup() {
        begin();

        // When
        Sequence flush = apply(new Entry.Flush(stream(20), Epoch.FIRST));

        // Then
        assertThat(groups.list(SHOP).at(flush)).isEmpty();
        assertThat(groups.names()).containsExactly(SHOP);
    }

    @Test
    void oneDiskOutOfStepMakesItInconsistentAndIsNamed() {
        begin();

        // When: the other VM flushes meanwhile
        apply(new Entry.CopyBegin(stream(6), Epoch.FIRST, Side.INTAKE));
        Sequence during = apply(new Entry.Flush(stream(0), Epoch.FIRST));
        Sequence end = apply(new Entry.CopyEnd(stream(6), Epoch.FIRST, Side.INTAKE));

        // Then
        assertThat(at(during).standing())
                .isInstanceOfSatisfying(Standing.Inconsistent.class, not -> assertThat(not.reason())
                        .startsWith("VM vm2: disk disk6: "));
        assertThat(at(end).consistent()).isTrue();
    }

    @Test
    void aGapOfOneDiskWithdrawsWhatTheGroupHadOfItAndNothingElse() {
        begin();
        Sequence before = apply(new Entry.Flush(stream(0), Epoch.FIRST));
        Sequence after = apply(new Entry.Flush(stream(0), Epoch.FIRST));
        apply(defined(DB.in(Optional.empty())));
        Sequence without = apply(new Entry.Flush(stream(0), Epoch.FIRST));

        // When
        apply(new Entry.Gap(stream(6), before, "lost"));

        // Then
        assertThat(at(before).consistent()).isTrue();
        assertThat(at(after).consistent()).isFalse();
        assertThat(at(after).standing())
                .isEqualTo(new Standing.Inconsistent(
                        "VM vm2: disk disk6: writes may be missing behind record " + before + ": lost"));
        assertThat(at(without).consistent()).as("it was in the group no more").isTrue();
        assertThat(groups.list(SHOP).newestConsistent(new Sequence(sequence)).orElseThrow())
                .isEqualTo(at(without));
    }

    @Test
    void aPointKnowsTheGroupAsItWasThen() {
        begin();
        Sequence before = apply(new Entry.Cut());

        // When
        apply(defined(DB.in(in(SHOP, 7))));
        apply(defined(OTHER.in(in(SHOP, 1))));
        Sequence after = apply(new Entry.Cut());
        apply(new Entry.VmRemoved(WEB.id()));
        Sequence last = apply(new Entry.Cut());

        // Then
        assertThat(at(before).vms()).extracting(Vm::name).containsExactly(DB.name(), WEB.name());
        assertThat(at(after).vms()).extracting(Vm::name).containsExactly(OTHER.name(), WEB.name(), DB.name());
        assertThat(at(last).vms()).extracting(Vm::name).containsExactly(OTHER.name(), DB.name());
    }

    /** In sync until its next record and no longer: that begins a copy. */
    @Test
    void aDiskWithoutAnOrderIsPartOfAPointWhileNothingIsWrittenToIt() {
        begin();
        apply(defined(BACKUP));
        Sequence copying = apply(new Entry.Cut());
        apply(new Entry.CopyBegin(stream(9), Epoch.FIRST, Side.INTAKE));
        Sequence end = apply(new Entry.CopyEnd(stream(9), Epoch.FIRST, Side.INTAKE));

        // When
        Sequence idle = apply(new Entry.Cut());
        apply(new Entry.CopyBegin(stream(9), Epoch.FIRST, Side.INTAKE));
        Sequence again = apply(new Entry.Cut());

        // Then
        assertThat(at(copying).consistent()).isFalse();
        assertThat(at(end).consistent()).isTrue();
        assertThat(at(idle).consistent()).isTrue();
        assertThat(at(again).consistent()).isFalse();
    }

    @Test
    void aGroupThatNobodyNamesAnyMoreStaysUntilTheFloorPassesItsPoints() {
        begin();
        Sequence point = apply(new Entry.Cut());
        apply(defined(WEB.in(Optional.empty())));
        Sequence gone = apply(defined(DB.in(Optional.empty())));

        // When
        groups.forgetBefore(point);
        assertThat(groups.names()).containsExactly(SHOP);
        assertThat(groups.named()).isEmpty();
        groups.forgetBefore(gone);

        // Then
        assertThat(groups.names()).isEmpty();
    }

    @Test
    void aPointAtTheFloorIsRestoredOnceAsTheLedgerHasTheGroup() {
        begin();
        RecoveryPoint web = new RecoveryPoint(
                new Sequence(sequence), Instant.EPOCH, RecoveryPoint.Kind.CUT, WEB, Standing.CONSISTENT);

        // When
        groups.restore(web);
        groups.restore(new RecoveryPoint(web.sequence(), web.time(), web.kind(), OTHER, Standing.CONSISTENT));

        // Then
        assertThat(groups.list(SHOP).all())
                .containsExactly(at(web.sequence()))
                .allMatch(GroupPoint::consistent)
                .allMatch(point -> point.vms().size() == 2);
    }

    private GroupPoint at(Sequence at) {
        return groups.list(SHOP).at(at).orElseThrow();
    }

    private static Optional<Membership> in(Name group, int startOrder) {
        return Optional.of(new Membership(group, startOrder, 0));
    }

    private void begin() {
        apply(defined(WEB));
        apply(defined(DB));
        apply(defined(OTHER));
        apply(new Entry.CopyEnd(stream(6), Epoch.FIRST, Side.INTAKE));
    }

    private Sequence apply(Entry.Control entry) {
        Mark mark = new Mark(new Sequence(++sequence), 0, entry);
        ledger.apply(mark);
        groups.apply(mark);
        return mark.sequence();
    }
}
