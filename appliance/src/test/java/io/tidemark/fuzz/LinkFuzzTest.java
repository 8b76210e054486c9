package io.tidemark.fuzz;

import static io.tidemark.stage.StagedAppliance.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.appliance.SourceStatus;
import io.tidemark.appliance.VmWish;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.log.QuickFolder;
import io.tidemark.link.RecordingReceiver;
import io.tidemark.link.RecordingSender;
import io.tidemark.link.Security;
import io.tidemark.link.TwoSites;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.fuzz.Inputs;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.stage.StagedClient;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Name;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with a side that breaks the rules, in frames or in what they hold: they end, and those of others go on. */
class LinkFuzzTest {

    private static final long FEW = 150;
    private static final long COSTS = 10;
    private static final int CHECKED_EVERY = 25;
    private static final int RECORDS = 5;
    private static final int RECORD_BYTES = 200;
    private static final Security PLAIN = new Security.PlaintextOnLoopback();

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    /** Runs inputs: few, or as many as asked for. */
    @FunctionalInterface
    private interface Run {
        void of(Inputs.Input input);
    }

    @Test
    void aFewHostileSendersHarmNobody() throws Exception {
        sendersHarmNobody(input -> Inputs.few(LinkFuzzTest.class, FEW, input));
    }

    @Test
    @Tag("fuzz")
    void hostileSendersHarmNobody() throws Exception {
        sendersHarmNobody(input -> Inputs.asked(LinkFuzzTest.class, COSTS, input));
    }

    @Test
    void aFewHostileReceiversHarmNobody() throws Exception {
        receiversHarmNobody(input -> Inputs.few(LinkFuzzTest.class, FEW, input));
    }

    @Test
    @Tag("fuzz")
    void hostileReceiversHarmNobody() throws Exception {
        receiversHarmNobody(input -> Inputs.asked(LinkFuzzTest.class, COSTS, input));
    }

    private void sendersHarmNobody(Run run) throws Exception {
        try (StagedAppliance here = new StagedAppliance("here", temporary.resolve("here"))) {
            try (StagedAppliance there = new StagedAppliance("there", temporary.resolve("there"))) {
                there.now().putPeer(StagedAppliance.from("here"));
                there.now().putPeer(StagedAppliance.from(HostileSender.NAME));
                here.now().putPeer(StagedAppliance.to("there", there.port()));
                here.now().protection().put(new Name("db"), wish());
                StagedClient client = here.client("db/root");
                HostileSender sender = new HostileSender(there.port());
                int[] count = {0};
                run.of(random -> {
                    sender.ship(random);
                    if (++count[0] % CHECKED_EVERY == 0) {
                        assertThat(client.write(0, new byte[512])).isTrue();
                        assertThat(client.flush()).isTrue();
                        until(() -> inStep(here));
                        assertOnlyTheHostileIsTold(there);
                    }
                });
                client.close(Ending.DISCONNECTED);
            }
            // Then: what was taken can be lived with
            try (StagedAppliance there = new StagedAppliance("there", temporary.resolve("there"))) {
                assertOnlyTheHostileIsTold(there);
                assertThat(there.now().problems()).noneMatch(problem -> problem.contains("cannot be opened"));
                there.now().recovery().all().forEach(vm -> assertThat(
                                there.now().recovery().points(vm))
                        .isNotNull());
            }
        }
    }

    private static void assertOnlyTheHostileIsTold(StagedAppliance there) {
        assertThat(there.now().problems()).allMatch(problem -> problem.startsWith("replica of " + HostileSender.NAME));
    }

    private static void receiversHarmNobody(Run run) throws Exception {
        try (TwoSites sites = new TwoSites();
                HostileReceiver hostile = new HostileReceiver()) {
            RecordingReceiver honest = new RecordingReceiver();
            RecordingSender goesOn = sites.dial(sites.listen(PLAIN, honest), PLAIN, 2);
            sites.until(goesOn::isReady);
            long[] shipped = {0};
            run.of(random -> {
                meet(sites, hostile, random);
                goesOn.uplink().takeRange(sites.ranges().range(shipped[0] + 1, RECORDS, RECORD_BYTES));
                shipped[0] += RECORDS;
                sites.until(() -> goesOn.received().equals(new Sequence(shipped[0])));
                assertThat(goesOn.endings()).isEmpty();
            });
        }
    }

    private static void meet(TwoSites sites, HostileReceiver hostile, Random random) {
        CompletableFuture<Void> over = hostile.receive(random);
        RecordingSender sender = sites.dial(hostile.port(), PLAIN, 1, new RecordingSender());
        sites.until(() -> sender.isReady() || sender.isOver());
        long next =
                sender.isReady() ? sender.standings().getFirst().resume().last().number() + 1 : 0;
        for (int i = random.nextInt(4); i >= 0 && sender.isReady() && !sender.isOver(); i--) {
            if (sender.uplink().admits(RECORDS * RECORD_BYTES)) {
                sender.uplink().takeRange(sites.ranges().range(next, RECORDS, RECORD_BYTES));
                next += RECORDS;
            }
        }
        sites.until(() -> sender.isOver() && over.isDone());
        over.join();
    }

    private static boolean inStep(StagedAppliance here) {
        SourceStatus status = here.now().sources().to("there").orElseThrow().status();
        return status.ship().durable().equals(status.marks().appended());
    }

    private static VmWish wish() {
        return new VmWish(
                "there",
                List.of(new VmWish.DiskWish(new Name("root"), 1 << 20, AttachMode.DIRECT, Optional.empty())),
                Optional.of("<domain/>"),
                Optional.empty());
    }
}
