package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.NbdConnection;
import io.tidemark.system.NbdConnection.Command;
import io.tidemark.system.Site;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What each way to stop means to a disk, by its attach mode and by when its writes are acknowledged: whether clients are let in
 * before the guest was restarted, whether writes may be missing, and which points are offered (I1, I7).
 */
@Tag("kill")
final class UncleanStopTest {

    private static final List<String> MODES = List.of("direct", "fanout", "mirror-active", "mirror-background");
    private static final int BLOCK_BYTES = 4096;
    private static final int AT_THE_GOOD_POINT = 1;
    private static final int AT_THE_STOP = 2;
    private static final int AFTERWARDS = 3;

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static SitePair pair;

    @SuppressWarnings("NullAway.Init")
    private static Path bootId;

    /** How the appliance stops, and what has become of its machine when it starts again. */
    enum Stop {
        /** SIGKILL; the machine is the same. */
        OF_THE_PROCESS,
        /** SIGKILL, and the machine has booted since. */
        OF_THE_MACHINE,
        /** SIGTERM, and the machine has booted since. */
        IN_GOOD_ORDER
    }

    @BeforeAll
    static void startSites() {
        bootId = SITES.folder().resolve("boot-id");
        boot();
        pair = SITES.pair(Map.of("TIDEMARK_BOOT_ID_FILE", bootId.toString(), "TIDEMARK_INTAKE_CUT_INTERVAL", "200ms"));
    }

    @ParameterizedTest
    @EnumSource(Stop.class)
    void whatAStopMeansToEachDisk(Stop stop) throws IOException {
        // Given
        List<Subject> subjects = new ArrayList<>(List.of(new Subject(stop, "direct", "journaled")));
        for (String mode : MODES) {
            subjects.add(new Subject(stop, mode, "durable"));
        }
        for (Subject subject : subjects) {
            subject.writeToAGoodPoint();
        }
        for (Subject subject : subjects) {
            subject.awaitGoodPoint();
            subject.writeBehindIt();
        }
        for (Subject subject : subjects) {
            subject.awaitPointBehindIt();
        }

        // When
        apply(stop);
        pair.source().start();

        // Then
        for (Subject subject : subjects) {
            subject.checkWhoIsLetIn();
            subject.checkPoints();
        }

        // When it stops once more before the guests were restarted
        if (stop == Stop.OF_THE_MACHINE) {
            pair.source().kill();
            pair.source().start();
        }

        // Then they are still waited for, and when they have been all goes on
        for (Subject subject : subjects) {
            subject.checkWhoIsLetIn();
            subject.goOn();
        }
    }

    /** Where a source forgets a write with its acknowledgement, that cannot come before it is durable. */
    @ParameterizedTest
    @ValueSource(strings = {"fanout", "mirror-active", "mirror-background"})
    void onlyADirectDiskIsAcknowledgedBeforeItIsDurable(String mode) {
        Map<String, Object> request = pair.request("early", new DiskSpec("disk", DiskSpec.MIB, mode, "journaled"));
        Api.Answer answer = pair.source().api().ask("PUT", "/vms/early", Api.json(request));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().path("field").asText()).isEqualTo("disks[0].acknowledge");
    }

    private static void apply(Stop stop) {
        Site source = pair.source();
        switch (stop) {
            case OF_THE_PROCESS -> source.kill();
            case OF_THE_MACHINE -> {
                source.kill();
                boot();
            }
            case IN_GOOD_ORDER -> {
                source.stop();
                boot();
            }
        }
    }

    private static void boot() {
        try {
            Files.writeString(bootId, UUID.randomUUID() + "\n");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A VM of one disk, and its client. */
    private static final class Subject {

        private static final String DISK = "disk";

        private final Stop stop;
        private final String mode;
        private final String policy;
        private final String vm;
        private final String uri;
        private final NbdConnection client;
        private Api.Point good = none();
        private Api.Point newest = none();

        Subject(Stop stop, String mode, String policy) throws IOException {
            this.stop = stop;
            this.mode = mode;
            this.policy = policy;
            vm = String.join("-", stop.name().toLowerCase(Locale.ROOT).replace('_', '-'), mode, policy);
            uri = pair.protect(vm, new DiskSpec(DISK, DiskSpec.MIB, mode, policy));
            client = new NbdConnection(URI.create(uri));
        }

        void writeToAGoodPoint() throws IOException {
            write(client, AT_THE_GOOD_POINT);
            if (hidesGaps()) {
                endCopy();
            } else {
                client.run(Command.FLUSH, 0, 0);
            }
        }

        void awaitGoodPoint() {
            awaitCovered();
            good = consistent().getFirst();
        }

        /** What no flush covers. */
        void writeBehindIt() throws IOException {
            write(client, AT_THE_STOP);
        }

        /** Where order is kept a cut covers it, and the point is offered. */
        void awaitPointBehindIt() {
            if (keepsOrder()) {
                awaitCovered();
            } else {
                assertThat(intake().path("state").asText()).isEqualTo("copying");
            }
            newest = consistent().getFirst();
        }

        void checkWhoIsLetIn() {
            if (waitsForItsGuest()) {
                Await.until("its state", () -> intake().path("awaitsRestart").asBoolean());
                assertThat(Tool.fail("nbdinfo", uri)).as(vm).contains("server replied with error");
            } else {
                Await.until(
                        "a client of " + vm,
                        () -> Tool.result("nbdinfo", "--size", uri).status() == 0);
                assertThat(intake().path("awaitsRestart").asBoolean()).as(vm).isFalse();
            }
        }

        /** A direct disk keeps all of its points; another one those up to the last record that its source has caused. */
        void checkPoints() throws IOException {
            pair.awaitReplicated();
            assertThat(intake().path("state").asText()).as(vm).isEqualTo(hidesGaps() ? "suspect" : "in-sync");
            if (!hidesGaps()) {
                assertThat(consistent()).as(vm).contains(good, newest);
                assertOffers(AT_THE_STOP);
                return;
            }
            assertThat(intake().path("gaps").asInt()).as(vm).isEqualTo(1);
            long since = intake().path("since").asLong();
            Await.until("the withdrawal of points of " + vm, () -> newestConsistent() <= since);
            assertThat(consistent()).as(vm).contains(good);
            if (keepsOrder()) {
                assertThat(newest.sequence()).as(vm).isGreaterThan(since);
                assertThat(pair.replica().api().points(vm))
                        .filteredOn(point -> point.sequence() == newest.sequence())
                        .singleElement()
                        .satisfies(point -> assertThat(point.inconsistency()).contains("writes may be missing"));
            }
            assertOffers(AT_THE_GOOD_POINT);
        }

        /** Writing goes on, and is in points unless some of it may be missing. */
        void goOn() throws IOException {
            client.close();
            Api.Answer answer = pair.source().api().ask("POST", "/vms/" + vm + "/guest-restarted", "{}");
            assertThat(answer.isOk()).as("%s: %s", vm, answer).isTrue();
            try (NbdConnection again = new NbdConnection(URI.create(uri))) {
                assertThat(again.read(0, BLOCK_BYTES)).as(vm).isEqualTo(block(AT_THE_STOP));
                write(again, AFTERWARDS);
                again.run(Command.FLUSH, 0, 0);
                pair.awaitReplicated();
                if (!hidesGaps()) {
                    assertOffers(AFTERWARDS);
                } else {
                    assertThat(newestConsistent())
                            .as(vm)
                            .isLessThanOrEqualTo(intake().path("since").asLong());
                }
            }
        }

        private boolean waitsForItsGuest() {
            return stop == Stop.OF_THE_MACHINE && mode.equals("direct") && policy.equals("journaled");
        }

        private boolean hidesGaps() {
            return !mode.equals("direct");
        }

        private boolean keepsOrder() {
            return !mode.equals("mirror-background");
        }

        private void endCopy() {
            pair.source().api().post("/vms/" + vm + "/disks/" + DISK + "/copy-end", Map.of("observedGaps", 0));
        }

        private void awaitCovered() {
            Await.until(
                    "a point of " + vm,
                    () -> pair.source().api().vm(vm).path("rpoSeconds").asDouble() == 0);
            pair.awaitReplicated();
        }

        private void assertOffers(int content) throws IOException {
            Api.Drill drill = pair.replica().api().drill(vm, "latest");
            try (NbdConnection reader = new NbdConnection(URI.create(drill.uri(DISK)))) {
                assertThat(reader.read(0, BLOCK_BYTES)).as(vm).isEqualTo(block(content));
            }
            pair.replica().api().end(drill);
        }

        private List<Api.Point> consistent() {
            return pair.replica().api().consistentPoints(vm);
        }

        private long newestConsistent() {
            return consistent().getFirst().sequence();
        }

        private JsonNode intake() {
            return pair.source().api().disk(vm, DISK).path("intake");
        }

        private static void write(NbdConnection connection, int content) throws IOException {
            connection.run(Command.WRITE, 0, BLOCK_BYTES, block(content));
        }

        private static byte[] block(int content) {
            byte[] block = new byte[BLOCK_BYTES];
            Arrays.fill(block, (byte) content);
            return block;
        }

        private static Api.Point none() {
            return new Api.Point(0, java.time.Instant.EPOCH, "", false, "");
        }
    }
}
