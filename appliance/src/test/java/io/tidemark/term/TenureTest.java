package io.tidemark.term;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.term.Claim.Kind;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a site makes of what it hears: each edge, at north. */
class TenureTest {

    private static final VmId VM = new VmId(new UUID(1, 2));
    private static final String HERE = "north";
    private static final Tenure UNCHANGED = new Tenure.Unchanged();
    private static final Tenure HELD = new Tenure.Held(new Term(2, HERE));
    private static final Tenure LOST = new Tenure.Lost(new Term(2, "south"));
    private static final Tenure CONTESTED = new Tenure.Contested(new Term(2, HERE), new Term(2, "south"));
    private static final Tenure YIELDED = new Tenure.Yielded(new Term(3, "south"), 2);

    @Test
    void onlyASourceThatNobodyHasRelievedOrAskedTakesWrites() {
        assertThat(UNCHANGED.fence()).isEmpty();
        assertThat(HELD.fence()).isEmpty();
        assertThat(LOST.fence()).hasValue("site south is its source, in term 2");
        assertThat(CONTESTED.fence()).hasValue("sites north and south were both made its source, in term 2");
        assertThat(YIELDED.fence()).hasValue("site south is to become its source, in term 3");
    }

    @Test
    void aNewerTermElsewhereIsLostWhateverWasBefore() {
        Tenure lost = new Tenure.Lost(new Term(4, "south"));

        assertThat(hear(UNCHANGED, 4, Kind.HELD)).isEqualTo(lost);
        assertThat(hear(HELD, 4, Kind.HELD)).isEqualTo(lost);
        assertThat(hear(LOST, 4, Kind.HELD)).isEqualTo(lost);
        assertThat(hear(CONTESTED, 4, Kind.HELD)).isEqualTo(lost);
        assertThat(hear(YIELDED, 4, Kind.HELD)).isEqualTo(lost);
    }

    @Test
    void anOlderTermChangesNothing() {
        assertThat(hear(HELD, 1, Kind.HELD)).isEqualTo(HELD);
        assertThat(hear(LOST, 1, Kind.HELD)).isEqualTo(LOST);
        assertThat(hear(CONTESTED, 1, Kind.HELD)).isEqualTo(CONTESTED);
        assertThat(hear(YIELDED, 2, Kind.HELD)).isEqualTo(YIELDED);
        assertThat(hear(HELD, 2, Kind.WANTED)).isEqualTo(HELD);
        assertThat(hear(YIELDED, 2, Kind.WANTED)).isEqualTo(YIELDED);
    }

    @Test
    void equalTermsStopBoth() {
        assertThat(hear(HELD, 2, Kind.HELD)).isEqualTo(CONTESTED);
        Tenure there = new Tenure.Held(new Term(2, "south"));
        assertThat(there.heard(claim(new Term(2, HERE), Kind.HELD), "south").fence())
                .isPresent();
    }

    @Test
    void onlyAPersonEndsAContest() {
        assertThat(hear(CONTESTED, 2, Kind.HELD)).isEqualTo(CONTESTED);
        assertThat(hear(CONTESTED, 3, Kind.WANTED)).isEqualTo(CONTESTED);
        assertThat(CONTESTED.claim(HERE)).isEqualTo(new Tenure.Held(new Term(3, HERE)));
    }

    @Test
    void aSourceYieldsToWhoAsksInANewerTermAndGoesOnWhenThatIsWithdrawn() {
        assertThat(hear(UNCHANGED, 1, Kind.WANTED)).isEqualTo(new Tenure.Yielded(new Term(1, "south"), 0));
        assertThat(hear(HELD, 3, Kind.WANTED)).isEqualTo(YIELDED);
        assertThat(hear(YIELDED, 3, Kind.WANTED)).isEqualTo(YIELDED);

        assertThat(hear(YIELDED, 3, Kind.WITHDRAWN)).isEqualTo(HELD);
        assertThat(hear(hear(UNCHANGED, 1, Kind.WANTED), 1, Kind.WITHDRAWN)).isEqualTo(UNCHANGED);
    }

    @Test
    void aWithdrawalOfAnotherAskIsPassedOver() {
        assertThat(hear(YIELDED, 2, Kind.WITHDRAWN)).isEqualTo(YIELDED);
        assertThat(hear(LOST, 2, Kind.WITHDRAWN)).isEqualTo(LOST);
        assertThat(hear(HELD, 2, Kind.WITHDRAWN)).isEqualTo(HELD);
    }

    @Test
    void theSecondAskKeepsWhatTheSourceWasBefore() {
        Tenure again = hear(YIELDED, 4, Kind.WANTED);

        assertThat(again).isEqualTo(new Tenure.Yielded(new Term(4, "south"), 2));
        assertThat(hear(again, 3, Kind.WITHDRAWN)).isEqualTo(again);
        assertThat(hear(again, 4, Kind.WITHDRAWN)).isEqualTo(HELD);
    }

    @Test
    void whoHasYieldedIsRelievedByTheTermThatWasWanted() {
        assertThat(hear(YIELDED, 3, Kind.HELD)).isEqualTo(new Tenure.Lost(new Term(3, "south")));
    }

    @Test
    void whoIsNoSourceYieldsNothing() {
        assertThat(hear(LOST, 3, Kind.WANTED)).isEqualTo(LOST);
    }

    @Test
    void whatItHasClaimedItselfIsNoNews() {
        assertThat(UNCHANGED.heard(claim(new Term(5, HERE), Kind.HELD), HERE)).isEqualTo(UNCHANGED);
    }

    @Test
    void aClaimIsAboveAllThatIsKnown() {
        assertThat(UNCHANGED.claim(HERE).number()).isEqualTo(1);
        assertThat(LOST.claim(HERE).number()).isEqualTo(3);
        assertThat(YIELDED.claim(HERE).number()).isEqualTo(4);
    }

    private static Tenure hear(Tenure tenure, long number, Kind kind) {
        return tenure.heard(claim(new Term(number, "south"), kind), HERE);
    }

    private static Claim claim(Term term, Kind kind) {
        return new Claim(VM, term, kind, Sequence.NONE);
    }
}
