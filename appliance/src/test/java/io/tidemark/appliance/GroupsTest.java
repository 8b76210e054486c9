package io.tidemark.appliance;

import static io.tidemark.stage.StagedAppliance.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.appliance.Groups.Group;
import io.tidemark.appliance.Groups.Member;
import io.tidemark.intake.Registration;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import java.nio.file.Path;
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

    private Registration put(String vm, String peer, Optional<Membership> group) {
        return here.now()
                .protection()
                .put(
                        new Name(vm),
                        new VmWish(
                                peer,
                                List.of(new VmWish.DiskWish(
                                        new Name("root"), DISK, AttachMode.DIRECT, Optional.empty())),
                                Optional.empty(),
                                Optional.empty(),
                                group));
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
