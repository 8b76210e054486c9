package io.tidemark.appliance;

import static io.tidemark.stage.StagedAppliance.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.appliance.Groups.Group;
import io.tidemark.appliance.Groups.Member;
import io.tidemark.appliance.Recovery.RecoverableGroup;
import io.tidemark.failover.Failover;
import io.tidemark.failover.Failovers;
import io.tidemark.intake.Registration;
import io.tidemark.nbd.Ending;
import io.tidemark.replica.PointChoice;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.stage.StagedClient;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.GroupPoint;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups at two whole appliances on loopback. */
class GroupsTest {

    private static final Name SHOP = new Name("webshop");
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
    void aGroupIsTheVmsThatNameItInStartOrderAtBothSites() throws Exception {
        put("web", "there", in(SHOP, 2));
        put("db", "there", in(SHOP, 1));
        put("cache", "there", in(SHOP, 1));
        put("other", "there", Optional.empty());

        assertThat(vms(here)).containsExactly("cache", "db", "web");
        until(() -> vms(there).equals(List.of("cache", "db", "web")));
        assertThat(members(here)).allMatch(Member.Source.class::isInstance);
        assertThat(members(there)).allMatch(Member.Replica.class::isInstance);

        // When
        put("db", "there", in(SHOP, 3));
        put("cache", "there", Optional.empty());

        // Then
        assertThat(vms(here)).containsExactly("web", "db");
        until(() -> vms(there).equals(List.of("web", "db")));

        // When
        here.close();
        here = new StagedAppliance("here", temporary.resolve("here"));

        // Then
        assertThat(vms(here)).containsExactly("web", "db");
    }

    @Test
    void vmsOfAnotherPeersJournalAreRefusedSinceTheyShareNoSequence() throws Exception {
        here.now().putPeer(StagedAppliance.to("elsewhere", there.port()));
        put("web", "there", in(SHOP, 1));

        Registration outcome = put("db", "elsewhere", in(SHOP, 2));

        assertThat(outcome).isInstanceOfSatisfying(Registration.Refused.class, refused -> assertThat(refused.reason())
                .contains("VM web", "to there", "to elsewhere", "webshop"));
        assertThat(here.now().protection().find("db")).isEmpty();
        assertThat(put("db", "elsewhere", in(new Name("other"), 2))).isInstanceOf(Registration.Done.class);
        assertThat(put("db", "elsewhere", in(SHOP, 2))).isInstanceOf(Registration.Refused.class);
        assertThat(here.now()
                        .protection()
                        .remove(here.now().protection().find("web").orElseThrow()))
                .isInstanceOf(Registration.Done.class);
        assertThat(put("db", "elsewhere", in(SHOP, 2)))
                .as("nobody else is in it")
                .isInstanceOf(Registration.Done.class);
    }

    @Test
    void aGroupMovesToTheOtherSiteAsAWholeAndComesHomeAsAWhole() throws Exception {
        there.now().putPeer(StagedAppliance.to("here", here.port()));
        put("web", "there", in(SHOP, 2));
        put("db", "there", in(SHOP, 1));
        write(here, "web", 1);
        write(here, "db", 2);

        // When
        List<Failover> moved = moved(there);

        // Then: at one sequence, with everything that was written
        assertThat(moved).extracting(each -> each.vm().name().text()).containsExactly("db", "web");
        assertThat(moved)
                .extracting(Failover::point)
                .containsOnly(moved.getFirst().point());
        assertThat(read(there, "web")).isEqualTo(filled(1));
        assertThat(read(there, "db")).isEqualTo(filled(2));
        assertThat(members(there)).allMatch(Member.Source.class::isInstance);

        // When
        write(there, "web", 3);
        write(there, "db", 4);
        List<Failover> back = moved(here);

        // Then
        assertThat(back).extracting(each -> each.vm().name().text()).containsExactly("db", "web");
        assertThat(back).extracting(Failover::term).containsOnly(2L);
        assertThat(read(here, "web")).isEqualTo(filled(3));
        assertThat(read(here, "db")).isEqualTo(filled(4));
    }

    @Test
    void aPlannedFailoverThatCannotHaveAllVmsChangesNothing() throws Exception {
        there.now().putPeer(StagedAppliance.to("here", here.port()));
        put("web", "there", in(SHOP, 2));
        put("db", "there", in(SHOP, 1));
        write(here, "web", 1);
        write(here, "db", 2);
        until(() -> !points(there).isEmpty());
        // a disk that has no point yet joins
        put("new", "there", AttachMode.FANOUT, in(SHOP, 3));
        until(() -> vms(there).size() == 3);
        RecoverableGroup group = group(there);

        // When
        Failovers.Outcome outcome = there.now().failovers().startPlanned(group.replica(), SHOP);

        // Then
        assertThat(outcome)
                .isInstanceOfSatisfying(Failovers.Outcome.Refused.class, refused -> assertThat(refused.reason())
                        .contains("VM new"));
        write(here, "web", 5);
        write(here, "db", 6);
        assertThat(there.now().protection().all()).isEmpty();

        // When: what is there at the newest point that there is
        outcome = there.now().failovers().start(group.replica(), SHOP, new PointChoice.Latest());

        // Then
        assertThat(outcome).isInstanceOfSatisfying(Failovers.Outcome.AllPromoted.class, promoted -> assertThat(
                        promoted.failovers())
                .extracting(each -> each.vm().name().text())
                .containsExactly("db", "web"));
    }

    /** By a planned failover, as soon as the site has a point of both. */
    private static List<Failover> moved(StagedAppliance to) throws Exception {
        until(() -> points(to).stream()
                .anyMatch(point -> point.consistent() && point.vms().size() == 2));
        List<Failovers.Outcome> outcomes = new ArrayList<>();
        until(
                () -> { // a copy may come to its end behind a point
                    try {
                        RecoverableGroup group = group(to);
                        outcomes.add(to.now().failovers().startPlanned(group.replica(), SHOP));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return outcomes.getLast() instanceof Failovers.Outcome.AllPromoted;
                });
        return ((Failovers.Outcome.AllPromoted) outcomes.getLast()).failovers();
    }

    private static RecoverableGroup group(StagedAppliance site) {
        return site.now().recovery().findGroup(SHOP).getFirst();
    }

    private static List<GroupPoint> points(StagedAppliance site) {
        return site.now().recovery().findGroup(SHOP).stream()
                .flatMap(group -> site.now().recovery().points(group).stream())
                .toList();
    }

    private static void write(StagedAppliance site, String vm, int fill) throws InterruptedException {
        StagedClient client = site.client(vm + "/root");
        until(() -> client.write(0, filled(fill)));
        assertThat(client.flush()).isTrue();
        client.close(Ending.DISCONNECTED);
    }

    private static byte[] read(StagedAppliance site, String vm) throws InterruptedException {
        StagedClient client = site.client(vm + "/root");
        byte[] read = client.read(0, 4096).orElseThrow();
        client.close(Ending.DISCONNECTED);
        return read;
    }

    private static byte[] filled(int fill) {
        byte[] bytes = new byte[4096];
        Arrays.fill(bytes, (byte) fill);
        return bytes;
    }

    private Registration put(String vm, String peer, Optional<Membership> group) {
        return put(vm, peer, AttachMode.DIRECT, group);
    }

    private Registration put(String vm, String peer, AttachMode mode, Optional<Membership> group) {
        return here.now()
                .protection()
                .put(
                        new Name(vm),
                        new VmWish(
                                peer,
                                List.of(new VmWish.DiskWish(new Name("root"), DISK, mode, Optional.empty())),
                                Optional.empty(),
                                Optional.empty(),
                                group,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty()));
    }

    private static Optional<Membership> in(Name group, int startOrder) {
        return Optional.of(new Membership(group, startOrder, 30));
    }

    private static List<Member> members(StagedAppliance site) {
        return site.now().groups().find(SHOP).stream()
                .map(Group::members)
                .findFirst()
                .orElse(List.of());
    }

    private static List<String> vms(StagedAppliance site) {
        return members(site).stream().map(member -> member.vm().name().text()).toList();
    }
}
