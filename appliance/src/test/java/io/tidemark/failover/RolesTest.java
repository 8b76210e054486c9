package io.tidemark.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.PumpedOwner;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.link.Admission;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.RecordingReceiver;
import io.tidemark.stage.RecordedDownlink;
import io.tidemark.state.FolderFiles;
import io.tidemark.term.Claim;
import io.tidemark.term.Claim.Kind;
import io.tidemark.term.Tenure;
import io.tidemark.term.Term;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a site tells and does about terms, in each order of sessions, claims and deaths. The peer is called "here". */
class RolesTest {

    private static final VmId VM = new VmId(new UUID(1, 2));
    private static final String PEER = "here";

    @TempDir
    Path folder;

    private final Journals journals = new Journals();
    private Roles roles;

    @BeforeEach
    void open() throws IOException {
        reopen();
        roles.begin(journals);
    }

    @Test
    void aTermIsToldInEverySessionAndWhileThereIsOne() throws IOException {
        Session first = new Session();
        assertThat(first.told()).isEmpty();

        // When
        roles.promote(VM, PEER, 1);

        // Then
        assertThat(first.told()).containsExactly(ours(1));
        assertThat(new Session().told()).containsExactly(ours(1));

        // When: it dies and comes back
        reopen();
        roles.begin(journals);

        // Then
        assertThat(new Session().told()).containsExactly(ours(1));
    }

    @Test
    void aSessionThatIsOverIsToldNothing() throws IOException {
        Session session = new Session();
        session.listener.onEnded(new Ending.Closed());

        // When
        roles.promote(VM, PEER, 1);

        // Then
        assertThat(session.told()).isEmpty();
        assertThat(roles.isConnected(PEER)).isFalse();
    }

    @Test
    void aNewerTermFencesTheJournalsAndThatIsDurableBefore() {
        journals.onSettle = () -> assertThat(durable()).isEqualTo(new Tenure.Lost(new Term(1, PEER)));

        // When
        new Session().hears(theirs(1, Kind.HELD));

        // Then
        assertThat(journals.settled).containsExactly(new Tenure.Lost(new Term(1, PEER)));
        assertThat(roles.fence(VM)).isPresent();
    }

    @Test
    void whatIsHeardBeforeTheJournalsAreThereIsDoneWhenTheyAre() throws IOException {
        reopen();
        new Session().hears(theirs(1, Kind.HELD));
        assertThat(journals.settled).isEmpty();

        // When
        roles.begin(journals);

        // Then
        assertThat(journals.settled).containsExactly(new Tenure.Lost(new Term(1, PEER)));
    }

    @Test
    void equalTermsAreToldOnSoThatBothStop() throws IOException {
        roles.promote(VM, PEER, 1);
        Session session = new Session();

        // When
        session.hears(theirs(1, Kind.HELD));

        // Then
        assertThat(roles.fence(VM)).isPresent();
        assertThat(new Session().told()).containsExactly(ours(1));

        // When
        roles.claim(VM, PEER);

        // Then
        assertThat(roles.fence(VM)).isEmpty();
        assertThat(session.told()).last().isEqualTo(ours(2));
    }

    @Test
    void whoYieldsSaysSoOnlyWhenItsJournalIsSettled() {
        Session session = new Session();

        // When
        session.hears(theirs(1, Kind.WANTED));

        // Then
        assertThat(session.told()).isEmpty();

        // When
        journals.settle(9);

        // Then
        assertThat(session.told()).containsExactly(yielded(9));
    }

    @Test
    void itSaysSoAgainInALaterSessionAndALaterLife() throws IOException {
        Session session = new Session();
        session.hears(theirs(1, Kind.WANTED));
        session.listener.onEnded(new Ending.Lost("the test"));

        // When
        Session later = new Session();
        journals.settle(9);

        // Then
        assertThat(later.told()).contains(yielded(9));

        // When
        reopen();
        roles.begin(journals);
        Session another = new Session();
        journals.settle(11);

        // Then
        assertThat(another.told()).contains(yielded(11));
        assertThat(roles.fence(VM)).isPresent();
    }

    @Test
    void aWishThatIsWithdrawnLetsTheSourceGoOn() {
        Session session = new Session();
        session.hears(theirs(1, Kind.WANTED));
        journals.settle(9);

        // When
        session.hears(theirs(1, Kind.WITHDRAWN));

        // Then
        assertThat(roles.fence(VM)).isEmpty();
        assertThat(journals.settled).last().isEqualTo(new Tenure.Unchanged());
    }

    @Test
    void claimsOfASiteThatDoesNotShareTheVmArePassedOver() {
        journals.shared = false;

        // When
        new Session().hears(theirs(7, Kind.HELD));

        // Then
        assertThat(roles.fence(VM)).isEmpty();
        assertThat(journals.settled).isEmpty();
    }

    @Test
    void whatAPeerHoldsIsHeardWhenTheVmComesToBeShared() {
        journals.shared = false;
        new Session().hears(theirs(7, Kind.HELD));
        assertThat(roles.heldByPeer(PEER, VM))
                .hasValueSatisfying(why -> assertThat(why).contains("site here is its source, in term 7"));
        assertThat(roles.heldByPeer("west", VM)).isEmpty();

        // When: it is shared with another site
        journals.shared = true;
        roles.met("west", VM);

        // Then
        assertThat(roles.fence(VM)).isEmpty();

        // When
        roles.met(PEER, VM);

        // Then
        assertThat(roles.fence(VM)).isPresent();
        assertThat(journals.settled).containsExactly(new Tenure.Lost(new Term(7, PEER)));
        assertThat(durable()).isEqualTo(new Tenure.Lost(new Term(7, PEER)));
        assertThat(roles.heldByPeer(PEER, VM)).isPresent();
    }

    @Test
    void whatWasWantedOfAVmThatIsNotSharedIsForgotten() {
        journals.shared = false;
        new Session().hears(theirs(7, Kind.WANTED));

        // When
        journals.shared = true;
        roles.met(PEER, VM);

        // Then
        assertThat(roles.heldByPeer(PEER, VM)).isEmpty();
        assertThat(roles.fence(VM)).isEmpty();
    }

    @Test
    void onlySoMuchIsRememberedOfWhatIsNotShared() {
        journals.shared = false;
        Session session = new Session();
        for (int i = 0; i < Roles.PASSED_OVER_MAX; i++) {
            session.hears(Claim.of(new VmId(new UUID(5, i)), new Term(1, PEER), Kind.HELD));
        }

        // When
        session.hears(theirs(7, Kind.HELD));

        // Then
        assertThat(roles.heldByPeer(PEER, VM)).isEmpty();
    }

    private void reopen() throws IOException {
        roles = new Roles("north", new FolderFiles(folder), Runnable::run);
        journals.settled.clear();
    }

    private Tenure durable() {
        try {
            return new Roles("north", new FolderFiles(folder), Runnable::run).tenure(VM);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Claim ours(long number) {
        return Claim.of(VM, new Term(number, "north"), Kind.HELD);
    }

    private static Claim theirs(long number, Kind kind) {
        return Claim.of(VM, new Term(number, PEER), kind);
    }

    private static Claim yielded(long last) {
        return new Claim(VM, new Term(1, PEER), Kind.YIELDED, new Sequence(last));
    }

    /** One that the peer has dialled. */
    private final class Session {

        private final RecordedDownlink downlink = new RecordedDownlink(new JournalId(new UUID(3, 4)));
        private final DownlinkListener listener;

        Session() {
            Admission admission = roles.over(
                            introduction -> new Admission.Accept(new PumpedOwner(), new RecordingReceiver()))
                    .admit(downlink.introduction());
            listener = ((Admission.Accept) admission).listener();
            listener.onOpened(downlink);
        }

        void hears(Claim claim) {
            listener.onClaim(claim);
        }

        List<Claim> told() {
            return downlink.claims;
        }
    }

    /** Settled when the test says so. */
    private static final class Journals implements Roles.Journals {

        private final List<Tenure> settled = new ArrayList<>();
        private final List<CompletableFuture<Optional<Sequence>>> waiting = new ArrayList<>();
        private boolean shared = true;
        private Runnable onSettle = () -> {};

        @Override
        public boolean share(String peer, VmId vm) {
            return shared;
        }

        @Override
        public CompletableFuture<Optional<Sequence>> settle(VmId vm, Tenure tenure) {
            onSettle.run();
            settled.add(tenure);
            waiting.add(new CompletableFuture<>());
            return waiting.getLast();
        }

        void settle(long last) {
            waiting.forEach(each -> each.complete(Optional.of(new Sequence(last))));
        }
    }
}
