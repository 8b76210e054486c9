package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.nbd.fuzz.Inputs;
import io.tidemark.nbd.fuzz.Mutation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is sent to REST: a problem that says what is wrong, never a fault, and nothing outside the data directory changes. */
@ExtendWith(SharedPair.class)
final class HostileRestTest {

    private static final String VM =
            "{\"peer\":\"south\",\"disks\":[%s],\"definition\":{\"text\":\"<domain/>\",\"firmware\":\"AAEC\"}}";
    private static final String DISK =
            "{\"name\":\"d\",\"sizeBytes\":%s,\"attachMode\":\"direct\",\"acknowledge\":\"durable\"}";
    private static final String WHOLE_VM = VM.formatted(DISK.formatted("1048576"));
    private static final List<String> NAMES =
            List.of("fuzzed", "..", "%2e%2e%2f%2e%2e%2fetc", "%00", "a%2fb", "x;y=z", "%ff");
    private static final int FEW = 1500;

    private final SitePair pair;
    private final RawHttp rest;
    private List<Path> around = List.of();

    /** A request that would be right. */
    private record Valid(String method, String path, String body) {}

    HostileRestTest(SitePair pair) {
        this.pair = pair;
        rest = new RawHttp(pair.source().restAddress());
    }

    @BeforeEach
    void lookAround() throws IOException {
        around = outside();
    }

    @AfterEach
    void nothingElseHasChanged() throws IOException {
        assertThat(outside()).isEqualTo(around);
        assertThat(pair.source().api().ask("GET", "/q/health/ready", "").isOk()).isTrue();
        for (String vm : List.of("fuzzed", "x")) {
            pair.source().api().ask("DELETE", "/vms/" + vm + "?confirm=" + vm, "");
        }
    }

    @Tag("clients")
    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            disks[0]                 | {"peer":"south","disks":[null]}
            disks                    | {"peer":"south","disks":null}
            disks[0].sizeBytes       | {"peer":"south","disks":[{"name":"d","sizeBytes":1048576.5,"attachMode":"direct"}]}
            disks[0].sizeBytes       | {"peer":"south","disks":[{"name":"d","sizeBytes":"1048576","attachMode":"direct"}]}
            disks[0].sizeBytes       | {"peer":"south","disks":[{"name":"d","sizeBytes":9223372036854775808,"attachMode":"direct"}]}
            disks[0].sizeBytes       | {"peer":"south","disks":[{"name":"d","sizeBytes":9223372036854775807,"attachMode":"direct"}]}
            disks[0].sizeBytes       | {"peer":"south","disks":[{"name":"d","sizeBytes":-512,"attachMode":"direct"}]}
            disks[0].name            | {"peer":"south","disks":[{"name":"../d","sizeBytes":512,"attachMode":"direct"}]}
            disks[0].name            | {"peer":"south","disks":[{"name":"\\u0000","sizeBytes":512,"attachMode":"direct"}]}
            peer                     | {"peer":5,"disks":[]}
            clients.disks            | {"peer":"south","disks":[{"name":"d","sizeBytes":512,"attachMode":"direct"}],"clients":{}}
            clients.disks            | {"peer":"south","disks":[{"name":"d","sizeBytes":512,"attachMode":"direct"}],"clients":{"disks":[]}}
            clients.disks[0]         | {"peer":"south","disks":[{"name":"d","sizeBytes":512,"attachMode":"direct"}],"clients":{"disks":[null]}}
            clients.drills           | {"peer":"south","disks":[{"name":"d","sizeBytes":512,"attachMode":"direct"}],"clients":{"disks":["CN:a"],"drills":["DNS:*.a"]}}
            definition.firmware      | {"peer":"south","disks":[{"name":"d","sizeBytes":512,"attachMode":"direct"}],"definition":{"firmware":"\\u0000"}}
            """)
    void whatIsWrongWithAVmIsNamed(String field, String body) {
        // When
        Api.Answer answer = rest.ask("PUT", "/api/v1/vms/x", bytes(body));

        // Then
        assertRefused(answer, body);
        assertThat(answer.body().path("field").asText()).as(answer.text()).isEqualTo(field);
    }

    @Tag("clients")
    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            addresses[0]       | {"addresses":[null]}
            addresses[0]       | {"addresses":["two\\nlines:1"]}
            addresses[0]       | {"addresses":["\\u0000:1"]}
            addresses          | {"addresses":["a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1","a:1"]}
            connections        | {"connections":1.5}
            connections        | {"connections":4294967297}
            compress           | {"compress":1}
            rateBytesPerSecond | {"rateBytesPerSecond":9223372036854775808}
            """)
    void whatIsWrongWithAPeerIsNamed(String field, String body) {
        // When
        Api.Answer answer = rest.ask("PUT", "/api/v1/peers/other", bytes(body));

        // Then
        assertRefused(answer, body);
        assertThat(answer.body().path("field").asText()).as(answer.text()).isEqualTo(field);
    }

    @Test
    @Tag("clients")
    void whatIsNotOneWholeJsonValueIsRefused() {
        for (String body : List.of(
                WHOLE_VM + " and more",
                "{\"peer\":\"south\"," + WHOLE_VM.substring(1),
                "[".repeat(100_000),
                "{\"peer\":" + "[".repeat(5_000),
                "{\"peer\":\"\u00ff",
                "\0\0\0\0connections",
                " ",
                "null")) {
            assertRefused(rest.ask("PUT", "/api/v1/vms/x", body.getBytes(StandardCharsets.ISO_8859_1)), body);
        }
        assertThat(pair.source().api().ask("GET", "/vms/x", "").status()).isEqualTo(404);
    }

    @Test
    @Tag("clients")
    void aDiskLargerThanAnyFileIsRefusedAndLeavesNoVolume() throws IOException {
        // Given a second disk for which there is no room in any file of ext4; elsewhere there may be, and it is no test
        String disks =
                DISK.formatted("512") + "," + DISK.replace("\"d\"", "\"e\"").formatted(Long.toString(1L << 50));
        List<Path> before = volumes();

        // When
        Api.Answer answer = rest.ask("PUT", "/api/v1/vms/x", bytes(VM.formatted(disks)));

        // Then
        if (answer.isOk()) {
            return;
        }
        assertRefused(answer, disks);
        assertThat(answer.text()).contains("disk e");
        assertThat(volumes()).isEqualTo(before);
    }

    @Test
    @Tag("clients")
    void whatTheServerInFrontRefusesIsAProblemToo() {
        // What is no URI is answered by Quarkus before anything of ours is asked.
        assertThat(rest.ask("GET", "/api/v1/vms/%zz", bytes("")).status()).isEqualTo(400);
        Api.Answer oversized = rest.ask("PUT", "/api/v1/vms/x", new byte[5 << 20]);
        assertRefused(oversized, "5 MiB");
        assertThat(oversized.status()).isEqualTo(413);
        Api.Answer foreign = rest.ask("GET", "/api/v1/vms", "Accept: text/xml\r\n", bytes(""));
        assertThat(foreign.status()).isEqualTo(406);
        for (String type : List.of("text/plain", "///", "application/x-www-form-urlencoded")) {
            assertRefused(rest.ask("PUT", "/api/v1/vms/x", "Content-Type: " + type + "\r\n", bytes(WHOLE_VM)), type);
        }
    }

    @Tag("clients")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example.com",
                "evil.example.com:8080",
                "localhost.example.com",
                "203.0.113.7",
                "127.0.0.1.example.com",
                "",
                "@"
            })
    void aPageThatHasItsOwnNameLeadHereFindsNothing(String host) {
        for (String path : List.of("/api/v1/vms", "/console", "/q/metrics", "/q/health")) {
            // When
            Api.Answer answer = rest.ask("GET", path, "Host: " + host + "\r\n", bytes(""));

            // Then
            assertThat(answer.isOk()).as(answer.text()).isFalse();
            assertThat(answer.status()).as(answer.text()).isIn(400, 421);
            assertThat(answer.text()).doesNotContain("\"peer\"");
        }
    }

    @Test
    @Tag("clients")
    void itIsSaidHowItMayBeAsked() {
        Api.Answer answer = rest.ask("GET", "/api/v1/vms", "Host: evil.example.com\r\n", bytes(""));

        assertThat(answer.status()).isEqualTo(421);
        assertThat(answer.text()).contains("evil.example.com", "tidemark.rest.host-names");
        for (String own : List.of("localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:8080", Site.HOST + ":1")) {
            assertThat(rest.ask("GET", "/api/v1/vms", "Host: " + own + "\r\n", bytes(""))
                            .status())
                    .as(own)
                    .isEqualTo(200);
        }
    }

    @Tag("clients")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: http://evil.example.com",
                "Origin: null",
                "Origin: https://localhost",
                "Origin: http://localhost:3000",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void aPageOfSomebodyElseChangesNothing(String header) {
        // When
        Api.Answer answer =
                rest.ask("PUT", "/api/v1/vms/x", header + "\r\nContent-Type: application/json\r\n", bytes(WHOLE_VM));

        // Then
        assertThat(answer.status()).as(answer.text()).isEqualTo(403);
        assertThat(pair.source().api().ask("GET", "/vms/x", "").status()).isEqualTo(404);
    }

    @Test
    @Tag("clients")
    void aPageOfOurOwnMay() {
        String own = "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost\r\nContent-Type: application/json\r\n";

        assertThat(rest.ask("PUT", "/api/v1/vms/x", own, bytes(WHOLE_VM)).status())
                .isEqualTo(201);
    }

    @Test
    @Tag("clients")
    void aFewDamagedRequestsAreAnswered() {
        Inputs.few(HostileRestTest.class, FEW, this::damaged);
    }

    @Test
    @Tag("fuzz")
    void damagedRequestsAreAnswered() {
        Inputs.asked(HostileRestTest.class, 20, this::damaged);
    }

    private void damaged(Random random) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        List<Valid> requests = List.of(
                new Valid("PUT", "/vms/" + name, WHOLE_VM),
                new Valid(
                        "PUT",
                        "/peers/" + (name.equals("fuzzed") ? "south" : name),
                        "{\"connections\":4,\"addresses\":[],\"compress\":true}"),
                new Valid("POST", "/drills", "{\"vm\":\"" + name + "\",\"point\":\"2026-01-31T12:00:00Z\"}"),
                new Valid("POST", "/vms/" + name + "/disks/d/copy-end", "{\"observedGaps\":0}"),
                new Valid("POST", "/vms/" + name + "/disks/" + name + "/copy-begin", ""),
                new Valid("POST", "/vms/" + name + "/guest-restarted", ""),
                new Valid("GET", "/vms/" + name + "/recovery-points/" + Mutation.extreme(random), ""),
                new Valid("GET", "/vms/" + name + "/recovery-points?limit=" + Mutation.extreme(random), ""),
                new Valid("GET", "/events?since=" + Mutation.extreme(random) + "&limit=1", ""),
                new Valid("DELETE", "/drills/" + name, ""),
                new Valid("DELETE", "/peers/" + (name.equals("fuzzed") ? "nobody" : name), ""));
        Valid valid = requests.get(random.nextInt(requests.size()));
        String method = random.nextInt(10) == 0
                ? List.of("PATCH", "POST", "PUT", "TRACE").get(random.nextInt(4))
                : valid.method();
        byte[] body = Mutation.bytes(bytes(valid.body()), random);
        Api.Answer answer = rest.ask(method, "/api/v1" + valid.path(), body);
        if (answer.status() >= 300) {
            assertRefused(answer, method + " " + valid.path() + " " + new String(body, StandardCharsets.ISO_8859_1));
        }
    }

    private static void assertRefused(Api.Answer answer, String what) {
        assertThat(answer.status()).as("%s: %s", what, answer.text()).isBetween(400, 499);
        assertThat(answer.mediaType()).as("%s: %s", what, answer.text()).startsWith("application/problem+json");
        assertThat(answer.body().path("detail").asText()).as(what).isNotEmpty();
        assertThat(answer.text()).as(what).doesNotContain("Exception", "\tat ");
    }

    /** All there is beside the data directories, but for what they themselves hold. */
    private List<Path> outside() throws IOException {
        try (Stream<Path> files = Files.list(pair.source().data().resolveSibling("."))) {
            return files.sorted().toList();
        }
    }

    private List<Path> volumes() throws IOException {
        try (Stream<Path> files = Files.walk(pair.source().data())) {
            return files.filter(file -> file.toString().endsWith(".raw"))
                    .sorted()
                    .toList();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
