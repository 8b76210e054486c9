package io.tidemark.appliance;

import static io.tidemark.stage.StagedAppliance.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.appliance.Appliance.PeerOutcome;
import io.tidemark.events.Event;
import io.tidemark.failover.Drill;
import io.tidemark.failover.Drills;
import io.tidemark.failover.Failovers;
import io.tidemark.intake.Registration;
import io.tidemark.journal.VmId;
import io.tidemark.nbd.Ending;
import io.tidemark.replica.PointChoice;
import io.tidemark.ship.ShipStatus;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.stage.StagedClient;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.IntakeState;
import io.tidemark.vm.Name;
import io.tidemark.vm.RecoveryPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two whole appliances on loopback: what operators do, and what restarts and half-done steps leave. */
class ApplianceTest {

    private static final Name VM = new Name("db");
    private static final int DISK = 1 << 20;

    @TempDir
    Path temporary;

    private StagedAppliance here;
    private StagedAppliance there;

    @BeforeEach
    void begin() throws Exception {
        there = new StagedAppliance("there", temporary.resolve("there"));
        here = new StagedAppliance("here", temporary.resolve("here"));
        there.now().putPeer(StagedAppliance.from("here"));
        here.now().putPeer(StagedAppliance.to("there", there.port()));
    }

    @AfterEach
    void end() {
        here.close();
        there.close();
    }

    @Test
    void aProtectedVmIsBroughtBackAtTheOtherSiteWithItsSourceDead() throws Exception {
        assertThat(put(AttachMode.DIRECT)).isInstanceOf(Registration.Done.class);
        write(3, 4096);
        until(this::inStep);
        here.close();

        Recovery.Recoverable vm = there.now().recovery().find("db").getFirst();
        Drills.Outcome outcome = there.now().recovery().drill(vm, new PointChoice.Latest());

        Drill drill = ((Drills.Outcome.Started) outcome).drill();
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 3);
        assertThat(there.client(drill.disks().getFirst().export()).read(0, 4096))
                .contains(expected);
        assertThat(vm.vm().definition().text()).isEqualTo("<domain/>");
        here = new StagedAppliance("here", temporary.resolve("here"));
    }

    @Test
    void doingItAgainChangesNothing() throws Exception {
        put(AttachMode.DIRECT);
        Peer peer = here.now().peer("there").orElseThrow();

        assertThat(put(AttachMode.DIRECT)).isInstanceOf(Registration.Unchanged.class);
        assertThat(here.now().putPeer(peer)).isEqualTo(new PeerOutcome.Done(peer));
        assertThat(here.events.since(0, 100))
                .filteredOn(event -> event.kind().equals("peer-registered"))
                .hasSize(1);
    }

    @Test
    void aRestartOfBothRestoresEverythingAndShipsOn() throws Exception {
        put(AttachMode.DIRECT);
        write(3, 4096);
        UUID id = vm().status().vm().id().id();

        here.close();
        there.close();
        there = new StagedAppliance("there", temporary.resolve("there"));
        here = new StagedAppliance("here", temporary.resolve("here"));
        movePeer();
        write(4, 512);
        until(this::inStep);

        assertThat(vm().status().vm().id().id()).isEqualTo(id);
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 3);
        Arrays.fill(expected, 0, 512, (byte) 4);
        assertThat(here.client("db/root").read(0, 4096)).contains(expected);
        assertThat(here.now().problems()).isEmpty();
    }

    @Test
    void aPeerThatMovesGetsWhatItHasNotSeenYet() throws Exception {
        put(AttachMode.DIRECT);
        until(this::inStep);
        there.close();
        StagedClient client = here.client("db/root");
        byte[] bytes = new byte[128 << 10];
        for (int i = 0; i < 40; i++) { // several segments, all applied here
            Arrays.fill(bytes, (byte) i);
            assertThat(client.write(0, bytes)).isTrue();
        }
        assertThat(client.flush()).isTrue();
        Source source = here.now().sources().to("there").orElseThrow();
        until(() ->
                source.status().marks().applied().equals(source.status().marks().appended()));
        until(() -> source.status().ship().phase() == ShipStatus.Phase.WAITING);

        there = new StagedAppliance("there", temporary.resolve("there"));
        movePeer();
        until(this::inStep);

        assertThat(source.status().ship().problem()).isEmpty();
        Recovery.Recoverable vm = there.now().recovery().find("db").getFirst();
        Drill drill = ((Drills.Outcome.Started) there.now().recovery().drill(vm, new PointChoice.Latest())).drill();
        assertThat(there.client(drill.disks().getFirst().export()).read(0, bytes.length))
                .contains(bytes);
    }

    @Test
    void aPeerKeepsTheJournalItWasGivenFirst() throws Exception {
        put(AttachMode.DIRECT);
        UUID journal = here.now().peer("there").orElseThrow().journal();

        // As when two requests that register it come at once.
        here.now().putPeer(StagedAppliance.to("there", there.port()));

        assertThat(here.now().peer("there").orElseThrow().journal()).isEqualTo(journal);
        here.close();
        here = new StagedAppliance("here", temporary.resolve("here"));
        assertThat(here.now().protection().find("db")).isPresent();
    }

    @Test
    void aPeerWithVmsIsNotForgotten() throws Exception {
        put(AttachMode.DIRECT);
        write(1, 512);
        until(this::inStep);
        Peer peer = here.now().peer("there").orElseThrow();

        assertThat(here.now().removePeer(peer)).isInstanceOf(PeerOutcome.Refused.class);
        here.now().protection().remove(vm());
        assertThat(here.now().removePeer(peer)).isInstanceOf(PeerOutcome.Done.class);

        assertThat(here.now().sources().all()).isEmpty();
        assertThat(folders("here/journals")).isEmpty();
        assertThat(there.now().recovery().find("db")).isNotEmpty();
    }

    @Test
    void aPeerThatIsForgottenShipsNoMore() throws Exception {
        put(AttachMode.DIRECT);
        until(this::inStep);

        there.now().removePeer(there.now().peer("here").orElseThrow());

        Source source = here.now().sources().to("there").orElseThrow();
        until(() -> source.status().ship().problem().contains("UNKNOWN_SITE"));
        until(() -> !there.now().recovery().replicas().getFirst().connected());
        assertThat(there.now().recovery().find("db")).isNotEmpty();
    }

    @Test
    void aRemovalThatACrashCutShortIsFinishedByTheNextStart() throws Exception {
        put(AttachMode.DIRECT);
        here.now().protection().remove(vm());
        UUID journal = here.now().peer("there").orElseThrow().journal();
        here.close();
        Files.createFile(
                temporary.resolve("here/journals").resolve(journal.toString()).resolve(Sources.REMOVED));

        here = new StagedAppliance("here", temporary.resolve("here"));

        assertThat(here.now().peers()).isEmpty();
        assertThat(folders("here/journals")).isEmpty();
    }

    @Test
    void aSourceThatWasRolledBackShipsNothingAndItsMirrorsAreSuspect() throws Exception {
        put(AttachMode.FANOUT);
        here.now().protection().endCopy(vm(), new Name("root"), 0);
        assertThat(intake()).isInstanceOf(IntakeState.InSync.class);
        until(this::inStep);
        here.close();
        copy(temporary.resolve("here"), temporary.resolve("backup"));
        here = new StagedAppliance("here", temporary.resolve("here"));
        movePeer();
        write(5, 4096);
        until(this::inStep);
        here.close();
        delete(temporary.resolve("here"));
        copy(temporary.resolve("backup"), temporary.resolve("here"));

        here = new StagedAppliance("here", temporary.resolve("here"));
        Source source = here.now().sources().to("there").orElseThrow();
        until(() -> source.status().ship().problem().contains("DIVERGED"));

        until(() -> intake() instanceof IntakeState.Suspect);
        assertThat(here.now().problems()).anyMatch(problem -> problem.contains("DIVERGED"));
        assertThat(here.events.since(0, 100))
                .filteredOn(event -> event.severity() == Event.Severity.ERROR)
                .extracting(Event::kind)
                .containsOnly("ship-refused");
        write(6, 4096);
        assertThat(there.now().recovery().replicas().getFirst().received())
                .isEqualTo(there.now().recovery().replicas().getFirst().durable());
    }

    @Test
    void aReplicaThatCannotBeOpenedKeepsNothingElseDown() throws Exception {
        put(AttachMode.DIRECT);
        until(this::inStep);
        there.close();
        String journal = folders("there/replicas").getFirst();
        Files.writeString(temporary.resolve("there/replicas").resolve(journal).resolve("checkpoint.json"), "{");

        there = new StagedAppliance("there", temporary.resolve("there"));

        assertThat(there.now().problems()).anyMatch(problem -> problem.contains("cannot be opened"));
        assertThat(there.now().recovery().all()).isEmpty();
        assertThat(there.now().peers()).hasSize(1);
    }

    @Test
    void aCheckpointThatHasForgottenADiskIsNamed() throws Exception {
        put(AttachMode.DIRECT);
        write(3, 4096);
        here.close();
        Path file = temporary
                .resolve("here/journals")
                .resolve(folders("here/journals").getFirst())
                .resolve("checkpoint.json");
        String forgotten = Files.readString(file).replaceFirst("\"streams\":\\{.*?\\}\\}", "\"streams\":{}");
        Files.writeString(file, forgotten);

        here = new StagedAppliance("here", temporary.resolve("here"));

        assertThat(here.now().problems()).anyMatch(problem -> problem.contains(file.toString()));
        assertThat(file).hasContent(forgotten);
    }

    /** Its points of before stay those of the same VM, and what is new does not hide them before it is good for something. */
    @Test
    void aSourceThatLostEverythingRegistersItsVmByTheIdItHad() throws Exception {
        put(AttachMode.FANOUT);
        here.now().protection().endCopy(vm(), new Name("root"), 0);
        write(3, 4096);
        until(this::inStep);
        VmId id = vm().status().vm().id();
        loseHere();
        here.now().putPeer(StagedAppliance.to("there", there.port()));

        assertThat(put(AttachMode.FANOUT, Optional.of(id))).isInstanceOf(Registration.Done.class);
        assertThat(put(AttachMode.FANOUT, Optional.of(id))).isInstanceOf(Registration.Unchanged.class);

        until(this::inStep);
        until(() -> there.now().recovery().replicas().size() == 2);
        assertThat(vm().status().vm().id()).isEqualTo(id);
        assertThat(there.now().recovery().find("db")).singleElement().satisfies(found -> {
            assertThat(found.replica().provenance().number()).isEqualTo(1);
            assertThat(there.now().recovery().points(found)).anyMatch(RecoveryPoint::consistent);
        });

        here.now().protection().endCopy(vm(), new Name("root"), 0);
        write(4, 4096);
        until(this::inStep);
        until(() -> there.now()
                        .recovery()
                        .find("db")
                        .getFirst()
                        .replica()
                        .provenance()
                        .number()
                == 2);
    }

    @Test
    void anIdIsOneVms() throws Exception {
        put(AttachMode.DIRECT);
        VmId id = vm().status().vm().id();

        assertThat(put(AttachMode.DIRECT, Optional.of(new VmId(new UUID(1, 1)))))
                .isEqualTo(new Registration.Refused("VM db is known here by the id " + id + ", and keeps that"));
        assertThat(here.now().protection().put(new Name("other"), wish(AttachMode.DIRECT, Optional.of(id))))
                .isEqualTo(new Registration.Refused("VM db is known here by the id " + id));
    }

    @Test
    void aSourceThatLostEverythingDoesNotTakeBackAVmThatIsTheOtherSitesByNow() throws Exception {
        VmId id = failedOver();

        loseHere();
        meet();
        until(() -> Files.exists(temporary.resolve("here/terms.json")));

        assertThat(put(AttachMode.DIRECT, Optional.of(id)))
                .isEqualTo(new Registration.Refused(
                        "site there is its source, in term 1; it is not to be protected here"));
        assertThat(here.now().protection().all()).isEmpty();
    }

    @Test
    void aVmThatWasTakenBackBeforeThePeerCouldBeAskedIsFencedWhenItCan() throws Exception {
        VmId id = failedOver();
        loseHere();
        here.now().putPeer(StagedAppliance.to("there", 1));
        assertThat(put(AttachMode.DIRECT, Optional.of(id))).isInstanceOf(Registration.Done.class);

        meet();

        until(() -> vm().source().intake().fencing().why(vm().status().vm()).isPresent());
        assertThat(here.client("db/root").write(0, new byte[4096])).isFalse();
    }

    private VmId failedOver() throws Exception {
        put(AttachMode.DIRECT);
        write(3, 4096);
        until(this::inStep);
        meet();
        VmId id = vm().status().vm().id();
        Recovery.Recoverable kept = there.now().recovery().find("db").getFirst();
        assertThat(there.now().failovers().start(kept.replica(), kept.vm(), new PointChoice.Latest()))
                .isInstanceOf(Failovers.Outcome.Promoted.class);
        return id;
    }

    /** Both are told where the other one is now. */
    private void meet() throws Exception {
        there.now().putPeer(StagedAppliance.to("here", here.port()));
        if (here.now().peer("there").isEmpty()) {
            here.now().putPeer(StagedAppliance.to("there", there.port()));
        }
        movePeer();
    }

    private void loseHere() throws Exception {
        here.close();
        delete(temporary.resolve("here"));
        here = new StagedAppliance("here", temporary.resolve("here"));
    }

    private void movePeer() throws Exception {
        Peer known = here.now().peer("there").orElseThrow();
        here.now()
                .putPeer(new Peer(
                        "there",
                        List.of("127.0.0.1:" + there.port()),
                        known.connections(),
                        known.compress(),
                        known.rateBytesPerSecond(),
                        known.journal()));
    }

    private Registration put(AttachMode mode) {
        return put(mode, Optional.empty());
    }

    private Registration put(AttachMode mode, Optional<VmId> id) {
        return here.now().protection().put(VM, wish(mode, id));
    }

    private static VmWish wish(AttachMode mode, Optional<VmId> id) {
        return new VmWish(
                "there",
                List.of(new VmWish.DiskWish(new Name("root"), DISK, mode, Optional.empty())),
                Optional.of("<domain/>"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                id);
    }

    private void write(int fill, int length) throws InterruptedException {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        StagedClient client = here.client("db/root");
        assertThat(client.write(0, bytes)).isTrue();
        assertThat(client.flush()).isTrue();
        client.close(Ending.DISCONNECTED);
    }

    private Protection.Protected vm() {
        return here.now().protection().find("db").orElseThrow();
    }

    private IntakeState intake() {
        return vm().status().disks().getFirst().state().intake();
    }

    private boolean inStep() {
        SourceStatus status = here.now().sources().to("there").orElseThrow().status();
        return status.ship().durable().equals(status.marks().appended());
    }

    private List<String> folders(String path) throws IOException {
        try (Stream<Path> all = Files.list(temporary.resolve(path))) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> tree = Files.walk(from)) {
            tree.forEach(each -> {
                try {
                    Files.copy(each, to.resolve(from.relativize(each).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Test
    void thereIsALimitToThePeers(@TempDir Path data) throws Exception {
        try (StagedAppliance site = new StagedAppliance("limited", data)) {
            for (int i = 0; i < Peers.PEERS_MAX; i++) {
                assertThat(site.now().putPeer(StagedAppliance.from("peer-" + i)))
                        .isInstanceOf(Appliance.PeerOutcome.Done.class);
            }

            // When, Then: one more is refused, and those that are known may change
            assertThat(site.now().putPeer(StagedAppliance.from("more")))
                    .isInstanceOf(Appliance.PeerOutcome.Refused.class);
            assertThat(site.now().putPeer(StagedAppliance.from("peer-0")))
                    .isInstanceOf(Appliance.PeerOutcome.Done.class);
        }
    }
}
