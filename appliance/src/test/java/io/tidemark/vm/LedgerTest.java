package io.tidemark.vm;

import static io.tidemark.journal.Entries.stream;
import static io.tidemark.vm.Vms.defined;
import static io.tidemark.vm.Vms.vm;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JacksonException;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Mark;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Side;
import io.tidemark.journal.StreamId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class LedgerTest {

    private static final Vm ONE = vm(1, 0, AttachMode.DIRECT, AttachMode.MIRROR_BACKGROUND);
    private static final Vm TWO = vm(2, 5, AttachMode.FANOUT);

    private final Ledger ledger = new Ledger();

    @Test
    void aVmIsAsConsistentAsItsWorstDisk() {
        apply(1, defined(ONE));
        assertThat(ledger.standing(ONE)).isInstanceOf(Standing.Inconsistent.class);

        // When
        apply(2, new Entry.CopyEnd(stream(1), Epoch.FIRST, Side.INTAKE));

        // Then
        assertThat(ledger.standing(ONE)).isEqualTo(Standing.CONSISTENT);
        apply(3, new Entry.Gap(stream(0), new Sequence(1), "lost"));
        assertThat(((Standing.Inconsistent) ledger.standing(ONE)).reason()).contains("disk0", "lost");
    }

    /** A point that rests on what somebody said is not like one where it was seen. */
    @Test
    void whatWasAcceptedOnSomebodysWordSaysSoUntilACopy() {
        apply(1, defined(TWO));
        apply(2, new Entry.CopyEnd(stream(5), Epoch.FIRST, Side.INTAKE));
        apply(3, new Entry.Gap(stream(5), new Sequence(2), "lost"));

        // When
        apply(4, new Entry.CopyEnd(stream(5), Epoch.FIRST, Side.INTAKE, "Zoë: the guest was off"));

        // Then
        assertThat(ledger.standing(TWO))
                .isEqualTo(new Standing.Consistent(List.of("disk disk5: Zoë: the guest was off")));

        // When
        apply(5, new Entry.CopyBegin(stream(5), Epoch.FIRST, Side.INTAKE));
        apply(6, new Entry.CopyEnd(stream(5), Epoch.FIRST, Side.INTAKE));

        // Then
        assertThat(ledger.standing(TWO)).isEqualTo(Standing.CONSISTENT);
    }

    @Test
    void aChangedVmKeepsTheStatesOfItsDisks() {
        apply(1, defined(vm(1, 0, AttachMode.FANOUT)));
        apply(2, new Entry.CopyEnd(stream(0), Epoch.FIRST, Side.INTAKE));

        // When
        apply(3, defined(vm(1, 0, AttachMode.FANOUT, AttachMode.FANOUT)));

        // Then
        assertThat(ledger.state(stream(0)).orElseThrow().intake().label()).isEqualTo("in-sync");
        assertThat(ledger.state(stream(1)).orElseThrow().intake().label()).isEqualTo("empty");
    }

    @Test
    void aRemovedVmLeavesNothing() {
        apply(1, defined(ONE));
        apply(2, new Entry.Flush(stream(0), Epoch.FIRST));

        // When
        apply(3, new Entry.VmRemoved(ONE.id()));
        apply(4, new Entry.Gap(stream(0), new Sequence(1), "lost"));
        apply(5, new Entry.Flush(stream(0), Epoch.FIRST));

        // Then
        assertThat(ledger.document()).isEqualTo(new Ledger().document());
        assertThat(ledger.vms()).isEmpty();
        assertThat(ledger.vmOf(stream(0))).isEmpty();
    }

    @Test
    void anEpochEndsWithAFlushACopyOrACutThatItsModeAllows() {
        apply(1, defined(ONE));
        assertThat(ledger.epochEnd(stream(0))).isEmpty();

        apply(2, new Entry.Cut());
        assertThat(ledger.epochEnd(stream(0))).contains(new Sequence(2));
        assertThat(ledger.epochEnd(stream(1))).isEmpty();
        apply(3, new Entry.Flush(stream(0), Epoch.FIRST));
        assertThat(ledger.epochEnd(stream(0))).contains(new Sequence(3));
        apply(4, new Entry.CopyEnd(stream(1), Epoch.FIRST, Side.INTAKE));
        assertThat(ledger.epochEnd(stream(1))).contains(new Sequence(4));
    }

    @Test
    void livesAreRememberedAndBounded() {
        for (int life = 1; life <= 1500; life++) {
            apply(life, new Entry.Opened(new Incarnation(life), new UUID(0, 0)));
        }

        assertThat(ledger.lives()).hasSize(1000);
        assertThat(ledger.lives().getLast().incarnation()).isEqualTo(new Incarnation(1500));
    }

    @Test
    void theSameRecordsGiveTheSameLedgerWhereverARestartFalls() throws JacksonException {
        List<Entry.Control> history = history(new Random(11), 120);
        for (int i = 0; i < history.size(); i++) {
            apply(i + 1, history.get(i));
        }
        for (int restart = 0; restart <= history.size(); restart++) {
            Ledger other = new Ledger();
            for (int i = 0; i < restart; i++) {
                other.apply(new Mark(new Sequence(i + 1), 0, history.get(i)));
            }

            // When
            String json = VmDocument.mapper().writeValueAsString(other.document());
            other = new Ledger(VmDocument.mapper().readValue(json, Ledger.Document.class), other.vms());
            for (int i = restart; i < history.size(); i++) {
                other.apply(new Mark(new Sequence(i + 1), 0, history.get(i)));
            }

            // Then
            assertThat(other.document()).as("restart at " + restart).isEqualTo(ledger.document());
            assertThat(other.vms()).containsExactlyInAnyOrderElementsOf(ledger.vms());
        }
    }

    private void apply(long sequence, Entry.Control entry) {
        ledger.apply(new Mark(new Sequence(sequence), 0, entry));
    }

    private static List<Entry.Control> history(Random random, int length) {
        List<Entry.Control> history = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            StreamId stream = stream(random.nextInt(7));
            Side side = random.nextBoolean() ? Side.INTAKE : Side.SHIP;
            history.add(
                    switch (random.nextInt(11)) {
                        case 0, 1 -> defined(random.nextBoolean() ? ONE : TWO);
                        case 2 -> new Entry.VmRemoved(random.nextBoolean() ? ONE.id() : TWO.id());
                        case 3 -> new Entry.CopyBegin(stream, Epoch.FIRST, side);
                        case 4 -> new Entry.CopyEnd(stream, Epoch.FIRST, side);
                        case 5 -> new Entry.Gap(stream, new Sequence(i), "reason " + i);
                        case 6 -> new Entry.AwaitRestart(stream);
                        case 7 -> new Entry.GuestRestarted(stream);
                        case 8 -> new Entry.Flush(stream, Epoch.FIRST);
                        case 9 -> new Entry.Cut();
                        default -> new Entry.Opened(new Incarnation(random.nextLong()), new UUID(0, 0));
                    });
        }
        return history;
    }
}
