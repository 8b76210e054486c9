package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.events.Event;
import io.tidemark.journal.JournalId;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.RecordingSender;
import io.tidemark.link.Security;
import io.tidemark.link.TwoSites;
import io.tidemark.stage.StagedAppliance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer that names a new journal in each session it opens. */
class JournalsPerPeerTest {

    private static final int MOST = StagedAppliance.JOURNALS_PER_PEER_MAX;

    @TempDir
    Path temporary;

    private final TwoSites sites = new TwoSites();
    private StagedAppliance there;

    @BeforeEach
    void begin() throws Exception {
        there = new StagedAppliance("there", temporary);
        there.now().putPeer(StagedAppliance.from("here"));
        for (int i = 1; i <= MOST; i++) {
            assertTaken(journal(i));
        }
    }

    @AfterEach
    void end() {
        sites.close();
        there.close();
    }

    @Test
    void oneMoreIsRefusedAndMakesNothing() throws Exception {
        List<String> before = journalsKept();

        for (int i = 1; i <= 20; i++) {
            Ending ending = endingOf(journal(MOST + i));
            assertThat(ending).isInstanceOfSatisfying(Ending.PeerRefused.class, refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.BUSY);
                assertThat(refused.message()).contains("here", "replica.journals-per-peer-max");
            });
        }

        assertThat(journalsKept()).isEqualTo(before).hasSize(MOST);
        assertThat(there.now().recovery().replicas()).hasSize(MOST);
        assertThat(there.events.since(0, 100))
                .filteredOn(event -> event.severity() == Event.Severity.ERROR)
                .extracting(Event::kind)
                .containsExactly("journal-refused");
    }

    @Test
    void thoseThatAreKnownAreTakenAgainAlsoInAnotherLife() throws Exception {
        endingOf(journal(MOST + 1));
        assertTaken(journal(1));

        there.close();
        there = new StagedAppliance("there", temporary);

        assertTaken(journal(MOST));
        assertThat(endingOf(journal(MOST + 1))).isInstanceOf(Ending.PeerRefused.class);
    }

    /** A copy of a source at another site, with the source's journal, is no second source of its VMs (I11). */
    @Test
    void aJournalIsTakenFromTheSiteThatBeganItOnly() throws Exception {
        there.now().putPeer(StagedAppliance.from("elsewhere"));

        RecordingSender sender = sites.dialFrom("elsewhere", there.port(), plain(), journal(1));
        sites.until(() -> sender.isReady() || sender.isOver());

        assertThat(sender.endings()).singleElement().isInstanceOfSatisfying(Ending.PeerRefused.class, refused -> {
            assertThat(refused.code()).isEqualTo(ErrorCode.UNKNOWN_SITE);
            assertThat(refused.message()).contains("is that of site here");
        });
        assertTaken(journal(1));
    }

    @Test
    void anotherPeerIsNotHeldUp() throws Exception {
        endingOf(journal(MOST + 1));

        there.now().putPeer(StagedAppliance.from("elsewhere"));

        RecordingSender sender = sites.dialFrom("elsewhere", there.port(), plain(), journal(100));
        sites.until(() -> sender.isReady() || sender.isOver());
        assertThat(sender.endings()).isEmpty();
    }

    private void assertTaken(JournalId journal) {
        RecordingSender sender = dial(journal);
        sites.until(() -> sender.isReady() || sender.isOver());
        assertThat(sender.endings()).isEmpty();
        sender.uplink().close();
        sites.until(sender::isOver);
    }

    private Ending endingOf(JournalId journal) {
        RecordingSender sender = dial(journal);
        sites.until(() -> sender.isReady() || sender.isOver());
        return sender.endings().getFirst();
    }

    private RecordingSender dial(JournalId journal) {
        return sites.dialFrom("here", there.port(), plain(), journal);
    }

    private List<String> journalsKept() throws IOException {
        try (Stream<Path> all = Files.list(temporary.resolve("replicas"))) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    private static Security plain() {
        return new Security.PlaintextOnLoopback();
    }

    private static JournalId journal(int number) {
        return new JournalId(new UUID(77, number));
    }
}
