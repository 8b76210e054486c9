package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators ask for, rightly and wrongly. */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class RestTest {

    private static final DiskSpec DISK = DiskSpec.direct("disk", 16);

    private final SitePair pair;
    private final Api source;
    private final Api replica;

    RestTest(SitePair pair) {
        this.pair = pair;
        source = pair.source().api();
        replica = pair.replica().api();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            # a VM
            PUT  | /vms/BAD                       | {"peer":"south","disks":[]}                     | 400 | vm
            PUT  | /vms/x                         | {"disks":[DISK]}                                | 400 | peer
            PUT  | /vms/x                         | {"peer":"south"}                                | 400 | disks
            PUT  | /vms/x                         | {"peer":"south","disks":[]}                     | 400 | disks
            PUT  | /vms/x                         | {"peer":"nowhere","disks":[DISK]}               | 409 | peer
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK,DISK]}            | 400 | disks[1].name
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK,{}]}              | 400 | disks[1].sizeBytes
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"colour":"blue"} | 400 | colour
            PUT  | /vms/x                         | {"peer":"south","disks":[{"size":1}]}           | 400 | disks[0].size
            PUT  | /vms/x                         | {"peer":"south","disks":"all"}                  | 400 | disks
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"definition":{"firmware":"?"}} | 400 | definition.firmware
            PUT  | /vms/x                         | {"peer":                                        | 400 | ``
            PUT  | /vms/x                         | ``                                              | 400 | ``
            GET  | /vms/nobody                    | ``                                              | 404 | ``
            DELETE | /vms/nobody?confirm=nobody   | ``                                              | 404 | ``
            POST | /vms/nobody/guest-restarted    | {}                                              | 404 | ``
            POST | /vms/nobody/disks/d/copy-begin | {}                                              | 404 | ``
            # its points
            GET  | /vms/nobody/recovery-points    | ``                                              | 404 | ``
            GET  | /vms/nobody/recovery-points/1  | ``                                              | 404 | ``
            # drills
            POST | /drills                        | {}                                              | 400 | vm
            POST | /drills                        | {"vm":"nobody"}                                 | 404 | ``
            POST | /drills                        | ``                                              | 400 | ``
            POST | /drills                        | {"vm":"a","group":"b"}                          | 400 | group
            POST | /drills                        | {"group":"nobody"}                              | 404 | ``
            POST | /drills                        | {"group":"BAD"}                                 | 400 | group
            GET  | /drills/drill-0                | ``                                              | 404 | ``
            DELETE | /drills/drill-0              | ``                                              | 404 | ``
            DELETE | /drills/drill-0?result=good  | ``                                              | 400 | result
            # failovers
            POST | /failovers                     | {}                                              | 400 | vm
            POST | /failovers                     | {"vm":"a","group":"b"}                          | 400 | group
            POST | /failovers                     | {"group":"nobody"}                              | 404 | ``
            GET  | /failovers?group=BAD           | ``                                              | 400 | group
            # groups
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"group":{}}      | 400 | group.name
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"group":{"name":"G"}} | 400 | group.name
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"group":{"name":"g","startOrder":-1}} | 400 | group.startOrder
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"group":{"name":"g","startDelaySeconds":86401}} | 400 | group.startDelaySeconds
            PUT  | /vms/x                         | {"peer":"south","disks":[DISK],"group":{"name":"g","order":1}} | 400 | group.order
            GET  | /groups/nobody                 | ``                                              | 404 | ``
            GET  | /groups/BAD                    | ``                                              | 400 | group
            GET  | /groups/nobody/recovery-points | ``                                              | 404 | ``
            GET  | /groups/nobody/recovery-points/1 | ``                                            | 404 | ``
            # pins
            GET  | /vms/nobody/pins               | ``                                              | 404 | ``
            PUT  | /vms/nobody/pins/kept          | {}                                              | 404 | ``
            GET  | /groups/nobody/pins            | ``                                              | 404 | ``
            PUT  | /groups/nobody/pins/kept       | {}                                              | 404 | ``
            PUT  | /groups/nobody/pins/kept       | ``                                              | 400 | ``
            DELETE | /groups/nobody/pins/kept     | ``                                              | 404 | ``
            PUT  | /vms/nobody/pins/kept          | ``                                              | 400 | ``
            DELETE | /vms/nobody/pins/kept        | ``                                              | 404 | ``
            POST | /drills                        | {"vm":"nobody","point":"pin:?"}                 | 404 | ``
            # peers
            PUT  | /peers/BAD                     | {}                                              | 400 | name
            PUT  | /peers/far                     | {"addresses":["far:1","no port"]}               | 400 | addresses[1]
            PUT  | /peers/far                     | {"addresses":["far:1"],"connections":0}         | 400 | connections
            PUT  | /peers/far                     | {"addresses":["far:1"],"rateBytesPerSecond":-1} | 400 | rateBytesPerSecond
            PUT  | /peers/far                     | {"addresses":["nbd://far:1/x"]}                 | 400 | addresses[0]
            PUT  | /peers/far                     | {"kind":"tape"}                                 | 400 | kind
            PUT  | /peers/far                     | {"kind":"nbd"}                                  | 400 | addresses
            PUT  | /peers/far                     | {"kind":"nbd","addresses":["far:1"]}            | 400 | addresses[0]
            PUT  | /peers/far                     | {"kind":"nbd","addresses":["nbd://far/{x}"]}    | 400 | addresses[0]
            PUT  | /peers/south                   | {"kind":"nbd","addresses":["nbd://far/x"]}      | 409 | ``
            PUT  | /peers/north                   | {}                                              | 409 | ``
            GET  | /peers/nobody                  | ``                                              | 404 | ``
            DELETE | /peers/nobody                | ``                                              | 404 | ``
            # the rest
            GET  | /nothing                       | ``                                              | 404 | ``
            PATCH | /vms/x                        | {}                                              | 405 | ``
            GET  | /events?limit=many             | ``                                              | 400 | limit
            GET  | /events?since=-1               | ``                                              | 400 | since
            """)
    void whatIsWrongIsAProblemThatNamesTheField(String method, String path, String body, int status, String field) {
        // When
        String sent = body.replace("DISK", Api.json(DISK.json()));
        Api.Answer answer = source.ask(method, path, sent);

        // Then
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.mediaType()).as(answer.text()).startsWith("application/problem+json");
        assertThat(answer.body().path("status").asInt()).isEqualTo(status);
        assertThat(answer.body().path("title").asText()).isNotEmpty();
        assertThat(answer.body().path("detail").asText()).isNotEmpty();
        assertThat(answer.body().path("field").asText()).as(answer.text()).isEqualTo(field);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(delimiter = '|', textBlock = """
            name        | "Disk"
            name        | ""
            sizeBytes   | 0
            sizeBytes   | 1000
            sizeBytes   | "large"
            attachMode  | "sideways"
            acknowledge | "never"
            """)
    void aWrongFieldOfADiskIsNamed(String field, String value) {
        // When
        Api.Answer answer = source.ask(
                "PUT", "/vms/x", "{\"peer\":\"south\",\"disks\":[" + with(Api.json(DISK.json()), field, value) + "]}");

        // Then
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.body().path("field").asText()).as(answer.text()).isEqualTo("disks[0]." + field);
    }

    @Test
    void aMirrorThatWouldBeAcknowledgedBeforeItIsDurableIsRefused() {
        // When
        Api.Answer answer = source.ask(
                "PUT",
                "/vms/x",
                "{\"peer\":\"south\",\"disks\":[{\"name\":\"d\",\"sizeBytes\":512,\"attachMode\":\"mirror-active\","
                        + "\"acknowledge\":\"journaled\"}]}");

        // Then
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().path("field").asText()).isEqualTo("disks[0].acknowledge");
    }

    @Test
    void aDefinitionThatIsTooLongIsRefused() {
        // When
        Api.Answer answer = source.ask(
                "PUT",
                "/vms/x",
                Api.json(Map.of(
                        "peer", "south",
                        "disks", List.of(DISK.json()),
                        "definition", Map.of("text", "x".repeat((1 << 20) + 1)))));

        // Then
        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.body().path("field").asText()).isEqualTo("definition");
    }

    @Test
    void registeringAgainChangesNothing() {
        // Given
        Map<String, Object> request = pair.request("twice", DISK);
        Api.Answer first = source.ask("PUT", "/vms/twice", Api.json(request));
        long appended = pair.link().path("appended").asLong();

        // When
        Api.Answer second = source.ask("PUT", "/vms/twice", Api.json(request));

        // Then
        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body());
        assertThat(pair.link().path("appended").asLong()).isEqualTo(appended);
    }

    @Test
    void registeringAPeerAgainChangesNothing() {
        // Given
        Map<String, Object> request = Map.of("addresses", List.of(pair.replica().linkAddress()));
        long events = registrations();
        JsonNode before = withoutLink(source.get("/peers/south"));

        // When
        JsonNode after = withoutLink(source.put("/peers/south", request));

        // Then
        assertThat(after).isEqualTo(before);
        assertThat(registrations()).isEqualTo(events);
    }

    @Test
    void aDefinitionIsVersionedAndGivenBackWithEachPoint() {
        // Given
        String uri = pair.protect("defined", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 4k", "flush");
        pair.awaitReplicated();
        Api.Point first = replica.consistentPoints("defined").getFirst();

        // When
        byte[] variables = {1, 2, 3};
        ObjectNode changed = (ObjectNode) json(Api.json(pair.request("defined", DISK)));
        ObjectNode definition = (ObjectNode) changed.path("definition");
        definition.put("text", "<domain>new</domain>");
        definition.put("firmware", Base64.getEncoder().encodeToString(variables));
        source.put("/vms/defined", changed);
        Nbd.qemuIo(uri, "write -P 2 0 4k", "flush");
        pair.awaitReplicated();

        // Then
        Api.Point second = replica.consistentPoints("defined").getFirst();
        JsonNode then =
                replica.get("/vms/defined/recovery-points/" + first.sequence()).path("definition");
        JsonNode now =
                replica.get("/vms/defined/recovery-points/" + second.sequence()).path("definition");
        assertThat(then.path("text").asText()).contains("<name>defined</name>");
        assertThat(then.path("firmware").asText()).isEmpty();
        assertThat(now.path("text").asText()).isEqualTo("<domain>new</domain>");
        assertThat(Base64.getDecoder().decode(now.path("firmware").asText())).isEqualTo(variables);
        assertThat(now.path("version").asLong()).isEqualTo(then.path("version").asLong() + 1);
    }

    @Test
    void aDiskDoesNotShrinkAndKeepsItsAttachMode() {
        // Given
        pair.protect("fixed", DISK);

        // When
        Api.Answer smaller =
                source.ask("PUT", "/vms/fixed", Api.json(pair.request("fixed", DiskSpec.direct("disk", 8))));
        Api.Answer other = source.ask(
                "PUT", "/vms/fixed", Api.json(pair.request("fixed", new DiskSpec("disk", DISK.sizeBytes(), "fanout"))));

        // Then
        assertThat(List.of(smaller.status(), other.status())).containsOnly(409);
        assertThat(smaller.body().path("detail").asText()).contains("cannot shrink");
        assertThat(source.disk("fixed", "disk").path("sizeBytes").asLong()).isEqualTo(DISK.sizeBytes());
    }

    @Test
    void eachPointHasTheDisksThatTheVmHadThere() {
        // Given
        String uri = pair.protect("changing", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 4k", "flush");
        pair.awaitReplicated();
        Api.Point first = replica.consistentPoints("changing").getFirst();

        // When a disk grows, and another comes
        DiskSpec larger = DiskSpec.direct("disk", 32);
        source.put("/vms/changing", pair.request("changing", larger, DiskSpec.direct("more", 16)));
        String more = source.disk("changing", "more").path("uri").asText();
        Nbd.qemuIo(uri, "read -P 0 16M 16M", "write -P 2 20M 4k", "flush");
        Nbd.qemuIo(more, "write -P 3 0 4k", "flush");
        pair.awaitReplicated();
        Api.Point second = replica.consistentPoints("changing").getFirst();

        // When it goes
        String fewer = Api.json(pair.request("changing", larger));
        for (String path : List.of("/vms/changing", "/vms/changing?confirm=changing")) {
            Api.Answer answer = source.ask("PUT", path, fewer);
            assertThat(answer.status()).as(answer.text()).isEqualTo(428);
            assertThat(answer.body().path("field").asText()).isEqualTo("confirm");
            assertThat(answer.body().path("detail").asText()).contains("takes more out of VM changing");
        }
        Nbd.qemuIo(more, "read -P 3 0 4k");
        assertThat(source.ask("PUT", "/vms/changing?confirm=more", fewer).status())
                .isEqualTo(200);
        pair.awaitReplicated();

        // Then
        assertThat(Tool.fail("nbdinfo", more)).contains("No such file or directory");
        Api.Drill before = replica.drill("changing", first);
        assertThat(before.uris()).containsOnlyKeys("disk");
        assertThat(Nbd.info("--size", before.uri("disk")).trim()).isEqualTo("" + DISK.sizeBytes());
        Api.Drill between = replica.drill("changing", second);
        Nbd.qemuIo(between.uri("disk"), "read -P 1 0 4k", "read -P 2 20M 4k");
        Nbd.qemuIo(between.uri("more"), "read -P 3 0 4k");
        Api.Drill latest = replica.drill("changing", "latest");
        assertThat(latest.uris()).containsOnlyKeys("disk");
        Nbd.qemuIo(latest.uri("disk"), "read -P 2 20M 4k");
        List.of(before, between, latest).forEach(replica::end);
        pair.assertSameAtBothSites("changing");
    }

    @Test
    void endingTheProtectionOfAVmWantsItsNameAndLeavesItsPoints() {
        // Given
        String uri = pair.protect("leaving", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 4k", "flush");
        pair.awaitReplicated();
        Api.Point point = replica.consistentPoints("leaving").getFirst();

        // When it is not confirmed
        for (String path : List.of("/vms/leaving", "/vms/leaving?confirm=arriving")) {
            Api.Answer answer = source.ask("DELETE", path, "");
            assertThat(answer.status()).isEqualTo(428);
            assertThat(answer.body().path("field").asText()).isEqualTo("confirm");
            assertThat(answer.body().path("detail").asText()).contains("leaving", "destroys the volumes of its 1 disk");
        }
        Nbd.qemuIo(uri, "read -P 1 0 4k");

        // When it is
        source.delete("/vms/leaving?confirm=leaving");

        // Then
        assertThat(source.ask("GET", "/vms/leaving", "").status()).isEqualTo(404);
        assertThat(Tool.fail("nbdinfo", uri)).contains("No such file or directory");
        pair.awaitReplicated();
        Api.Drill drill = replica.drill("leaving", point);
        Nbd.qemuIo(drill.uri("disk"), "read -P 1 0 4k");
        replica.end(drill);
    }

    @Test
    void aDrillIsWritableAndLeavesNoTrace() {
        // Given
        String uri = pair.protect("drilled", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush");
        pair.awaitReplicated();
        Api.Drill first = replica.drill("drilled", "latest");
        Api.Drill second = replica.drill("drilled", first.point().time().toString());

        // When
        Nbd.qemuIo(first.uri("disk"), "write -P 2 0 64k", "flush", "read -P 2 0 64k", "read -P 1 64k 64k");
        Nbd.qemuIo(uri, "write -P 3 0 1M", "flush");
        pair.awaitReplicated();

        // Then
        Nbd.qemuIo(second.uri("disk"), "read -P 1 0 1M");
        Nbd.qemuIo(first.uri("disk"), "read -P 2 0 64k", "read -P 1 64k 64k");
        replica.end(first);
        assertThat(Tool.fail("nbdinfo", first.uri("disk"))).contains("No such file or directory");
        assertThat(replica.ask("GET", "/drills/" + first.id(), "").status()).isEqualTo(404);
        pair.assertSameAtBothSites("drilled");
        replica.end(second);
    }

    @Test
    void aPinnedPointIsDrilledByItsNameAndTellsWhatCameOfIt() {
        // Given
        String uri = pair.protect("pinned", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush");
        pair.awaitReplicated();

        // When
        JsonNode pin = replica.put("/vms/pinned/pins/before-upgrade", Map.of());
        Nbd.qemuIo(uri, "write -P 2 0 1M", "flush");
        pair.awaitReplicated();
        Api.Drill drill = replica.drill("pinned", "pin:before-upgrade");
        Nbd.qemuIo(drill.uri("disk"), "read -P 1 0 1M");
        replica.delete("/drills/" + drill.id() + "?result=passed&note=it%20boots");

        // Then
        assertThat(pin.path("point").path("sequence").asLong())
                .isEqualTo(drill.point().sequence());
        JsonNode told = replica.get("/vms/pinned/pins")
                .path(0)
                .path("point")
                .path("drills")
                .path(0);
        assertThat(told.path("id").asText()).isEqualTo(drill.id());
        assertThat(told.path("result").asText()).isEqualTo("passed");
        assertThat(told.path("note").asText()).isEqualTo("it boots");
        assertThat(replica.get("/vms/pinned").path("lastDrillPassed").asText()).isNotEmpty();
        assertThat(replica.ask("DELETE", "/vms/pinned/pins/before-upgrade", "").status())
                .isEqualTo(204);
        assertThat(replica.get("/vms/pinned/pins")).isEmpty();
    }

    @Test
    void aGroupIsDrilledAtOneSequenceAndTellsWhatCameOfIt() {
        // Given: the point is a flush of one VM, in the middle of an epoch of the other
        String web = only(pair.protectIn("shop", 2, "shop-web", DISK));
        String db = only(pair.protectIn("shop", 1, "shop-db", DISK));
        Nbd.qemuIo(db, "write -P 1 0 64k", "flush");
        Nbd.qemuIo(web, "write -P 2 0 64k", "flush");
        pair.awaitReplicated();
        Api.Point point = replica.groupPoints("shop").getFirst();
        Nbd.qemuIo(db, "write -P 3 0 64k", "flush");
        pair.awaitReplicated();

        // When
        replica.put("/groups/shop/pins/kept", Map.of("point", Long.toString(point.sequence())));
        JsonNode started = replica.post("/drills", Map.of("group", "shop", "point", "pin:kept"));
        Api.GroupDrill drill = Api.GroupDrill.of(started);
        Nbd.qemuIo(drill.uri("shop-db", "disk"), "read -P 1 0 64k", "write -P 9 0 64k");
        Nbd.qemuIo(drill.uri("shop-web", "disk"), "read -P 2 0 64k");
        replica.delete("/drills/" + drill.id() + "?result=passed&note=it%20sells");
        replica.delete("/groups/shop/pins/kept");

        // Then
        assertThat(drill.point().sequence()).isEqualTo(point.sequence());
        assertThat(replica.get("/vms/shop-db/pins")).isEmpty();
        assertThat(drill.uris().keySet()).containsExactly("shop-db", "shop-web");
        assertThat(started.path("vms").path(0).path("startDelaySeconds").asInt())
                .isEqualTo(30);
        JsonNode told = replica.get("/groups/shop/recovery-points/" + point.sequence());
        assertThat(told.path("drills").path(0).path("id").asText()).isEqualTo(drill.id());
        assertThat(told.path("vms").path(1).path("name").asText()).isEqualTo("shop-web");
        replica.get("/groups/shop").path("vms").forEach(vm -> assertThat(
                        vm.path("lastDrillPassed").asText())
                .as("%s", vm)
                .isNotEmpty());
        JsonNode here = source.get("/groups/shop");
        assertThat(here.path("consistent").asBoolean()).isTrue();
        assertThat(here.has("rpoSeconds")).isTrue();
        assertThat(source.ask("GET", "/groups/shop/recovery-points", "")
                        .body()
                        .path("detail")
                        .asText())
                .contains("at the site it is shipped to");
    }

    @Test
    void aDrillOfWhatIsNoPointSaysSo() {
        // Given
        String uri = pair.protect("pointless", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 4k", "flush");
        pair.awaitReplicated();

        // When
        Api.Answer never = replica.ask("POST", "/drills", "{\"vm\":\"pointless\",\"point\":\"999999999\"}");
        Api.Answer early = replica.ask("POST", "/drills", "{\"vm\":\"pointless\",\"point\":\"2001-01-01T00:00:00Z\"}");
        Api.Answer wrong = replica.ask("POST", "/drills", "{\"vm\":\"pointless\",\"point\":\"yesterday\"}");
        Api.Answer here = source.ask("POST", "/drills", "{\"vm\":\"pointless\"}");

        // Then
        assertThat(List.of(never.status(), early.status(), here.status())).containsOnly(404);
        assertThat(here.body().path("detail").asText()).contains("at the site it is shipped to");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.body().path("field").asText()).isEqualTo("point");
    }

    @Test
    void healthTellsReadyAndWhy() {
        JsonNode ready = source.get("/q/health/ready");
        assertThat(ready.path("status").asText()).isEqualTo("UP");
        assertThat(ready.path("checks").toString()).contains("\"state\":\"ready\"");
        assertThat(source.get("/q/health/live").path("status").asText()).isEqualTo("UP");
        assertThat(source.get("/site").path("problems")).isEmpty();
    }

    @Test
    void openApiDescribesEveryResource() {
        // When
        String description = source.ask("GET", "/q/openapi", "").text();

        // Then
        assertThat(description)
                .contains(
                        "/api/v1/vms/{vm}:",
                        "/api/v1/vms/{vm}/recovery-points:",
                        "/api/v1/drills:",
                        "/api/v1/groups/{group}:",
                        "/api/v1/groups/{group}/recovery-points:",
                        "/api/v1/vms/{vm}/pins/{pin}:",
                        "/api/v1/groups/{group}/pins/{pin}:")
                .contains("/api/v1/peers/{peer}:", "/api/v1/events:", "/api/v1/site:")
                .contains("/api/v1/vms/{vm}/disks/{disk}/copy-end:");
    }

    @Test
    void theMetersOfTheDesignAreThere() {
        // Given
        String uri = pair.protect("metered", DISK);
        Nbd.qemuIo(uri, "write -P 1 0 1M", "flush", "read 0 64k");
        pair.awaitReplicated();

        // Then
        Await.until(
                "the meters of the VM as it stands now",
                () -> source.meter("tidemark_stream_state", "vm=\"metered\"", "intake=\"in-sync\"", "ship=\"full\"")
                                .isPresent()
                        && source.meter("tidemark_rpo_seconds", "vm=\"metered\"")
                                .filter(rpo -> rpo == 0)
                                .isPresent());
        for (String watermark : List.of("durable", "applied", "shipped", "received", "replicated")) {
            for (String unit : List.of("records", "bytes", "seconds")) {
                assertThat(source.meter("tidemark_lag_" + unit, "peer=\"south\"", "watermark=\"" + watermark + "\""))
                        .as("lag of %s in %s", watermark, unit)
                        .isPresent();
            }
        }
        for (String meter : List.of(
                "tidemark_rpo_sampled_seconds_bucket",
                "tidemark_write_seconds_bucket",
                "tidemark_flush_seconds_bucket",
                "tidemark_read_seconds_bucket",
                "tidemark_point_delay_seconds_bucket",
                "tidemark_journal_used_bytes",
                "tidemark_journal_seconds_until_full",
                "tidemark_catch_up_seconds",
                "tidemark_link_throughput_bytes_per_second",
                "tidemark_link_round_trip_seconds",
                "tidemark_link_window_bytes",
                "tidemark_link_in_flight_bytes",
                "tidemark_link_compression_ratio")) {
            assertThat(source.meter(meter)).as(meter).isPresent();
        }
        assertThat(source.meter("tidemark_stream_written_bytes_total", "vm=\"metered\""))
                .hasValueSatisfying(bytes -> assertThat(bytes).isGreaterThanOrEqualTo(1 << 20));
        assertThat(source.meter("tidemark_link_up")).contains(1.0);
        assertThat(replica.meter("tidemark_replica_connected")).contains(1.0);
    }

    @Test
    void whatHasHappenedIsInTheEvents() {
        // Given
        pair.protect("eventful", DISK);

        // Then
        assertThat(source.events()).anySatisfy(event -> {
            assertThat(event.path("kind").asText()).isEqualTo("vm-registered");
            assertThat(event.path("subject").asText()).isEqualTo("eventful");
            assertThat(event.path("severity").asText()).isEqualTo("INFO");
        });
    }

    private long registrations() {
        return source.events().stream()
                .filter(event -> event.path("kind").asText().equals("peer-registered"))
                .count();
    }

    private static String only(Map<String, String> uris) {
        return uris.values().iterator().next();
    }

    private static JsonNode withoutLink(JsonNode peer) {
        ((ObjectNode) peer).remove("link");
        return peer;
    }

    private static JsonNode json(String text) {
        return new Api.Answer(200, "", text).body();
    }

    /** The document with one field set to a value, which is JSON itself. */
    private static String with(String document, String field, String value) {
        ObjectNode node = (ObjectNode) json(document);
        node.set(field, json(value));
        return node.toString();
    }
}
