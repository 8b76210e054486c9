package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidemark.access.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may do what over REST, and that it is written down. */
@Tag("clients")
final class AccessTest {

    private static final Tokens.Made EYE = Tokens.make("eye", "viewer", new Random(1));
    private static final Tokens.Made ZOE = Tokens.make("zoe", "operator", new Random(2));
    private static final Tokens.Made MAX = Tokens.make("max", "admin", new Random(3));
    private static final String VM =
            "{\"peer\":\"south\",\"disks\":[{\"name\":\"disk\",\"sizeBytes\":1048576,\"attachMode\":\"direct\"}]}";

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static Site site;

    @SuppressWarnings("NullAway.Init")
    private static Path tokens;

    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void startSite() throws IOException {
        tokens = SITES.folder().resolve("tokens");
        Files.writeString(tokens, EYE.line() + "\n" + ZOE.line() + "\n" + MAX.line() + "\n");
        site = SITES.site(
                "north",
                Map.of("TIDEMARK_REST_TOKENS_FILE", tokens.toString(), "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        site.start();
    }

    @Test
    void eachMayDoWhatHisRoleAllowsAndItIsOnRecord() throws Exception {
        // Nobody
        assertThat(ask("", "GET", "/vms", "").statusCode()).isEqualTo(401);
        HttpResponse<String> wrong = ask("no such token", "GET", "/vms", "");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.headers().firstValue("WWW-Authenticate"))
                .hasValueSatisfying(how -> assertThat(how).contains("Bearer"));
        assertThat(site.api().ask("GET", "/q/health/ready", "").isOk()).isTrue();

        // A viewer
        assertThat(ask(EYE.token(), "GET", "/vms", "").statusCode()).isEqualTo(200);
        HttpResponse<String> refused = ask(EYE.token(), "PUT", "/vms/shop", VM);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("\"status\":403");

        // An operator
        assertThat(ask(ZOE.token(), "PUT", "/peers/south", "{\"addresses\":[\"127.0.0.1:9\"]}")
                        .statusCode())
                .isEqualTo(403);
        assertThat(ask(MAX.token(), "PUT", "/peers/south", "{\"addresses\":[\"127.0.0.1:9\"]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(ask(ZOE.token(), "PUT", "/vms/shop", VM).statusCode()).isEqualTo(201);
        assertThat(ask(ZOE.token(), "DELETE", "/vms/shop?confirm=shop", "").statusCode())
                .isEqualTo(403);
        assertThat(ask(MAX.token(), "DELETE", "/vms/shop?confirm=shop", "").statusCode())
                .isEqualTo(204);

        // Then
        Await.until("six entries", () -> audited("shop", "south").size() == 6);
        assertThat(audited("shop", "south"))
                .containsExactlyInAnyOrder(
                        "eye viewer PUT /api/v1/vms/shop 403",
                        "zoe operator PUT /api/v1/peers/south 403",
                        "max admin PUT /api/v1/peers/south 200",
                        "zoe operator PUT /api/v1/vms/shop 201",
                        "zoe operator DELETE /api/v1/vms/shop?confirm=shop 403",
                        "max admin DELETE /api/v1/vms/shop?confirm=shop 204");
        assertThat(site.ownLog()).doesNotContain(EYE.token(), ZOE.token(), MAX.token());
    }

    @Test
    void whoMayOpenAVmIsForAnAdminToChange() throws Exception {
        // Given
        Path folder = SITES.folder();
        Certificates certificates =
                new Certificates(folder).sign("server", "appliance", "subjectAltName=IP:" + Site.HOST);
        Site guarded = SITES.site(
                "guarded",
                Map.of(
                        "TIDEMARK_REST_TOKENS_FILE", tokens.toString(),
                        "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true",
                        "TIDEMARK_NBD_TLS", "required",
                        "TIDEMARK_NBD_CERTIFICATES_CERTIFICATE",
                                certificates.certificate("server").toString(),
                        "TIDEMARK_NBD_CERTIFICATES_KEY",
                                certificates.key("server").toString(),
                        "TIDEMARK_NBD_CLIENT_AUTHORITIES",
                                certificates.certificate("ca").toString()));
        guarded.start();
        String alice = VM.replace("]}", "],\"clients\":{\"disks\":[\"CN:alice\"]}}");
        String anyone = alice.replace("CN:alice", "anyone");
        ask(guarded, MAX.token(), "PUT", "/peers/south", "{\"addresses\":[\"127.0.0.1:9\"]}");
        assertThat(ask(guarded, ZOE.token(), "PUT", "/vms/shop", alice).statusCode())
                .isEqualTo(201);

        // When, Then
        assertThat(ask(guarded, ZOE.token(), "PUT", "/vms/shop", anyone).statusCode())
                .isEqualTo(403);
        assertThat(ask(guarded, ZOE.token(), "PUT", "/vms/shop", VM).body()).contains("CN:alice");
        assertThat(ask(guarded, MAX.token(), "PUT", "/vms/shop", anyone).body()).doesNotContain("CN:alice");
    }

    @Test
    void aVmForCertainClientsIsRefusedWhereNobodyProvesHisName() throws Exception {
        ask(MAX.token(), "PUT", "/peers/east", "{\"addresses\":[\"127.0.0.1:9\"]}");

        HttpResponse<String> refused = ask(
                ZOE.token(),
                "PUT",
                "/vms/bound",
                VM.replace("south", "east").replace("]}", "],\"clients\":{\"disks\":[\"CN:alice\"]}}"));

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("tidemark.nbd.tls is not required");
        assertThat(ask(EYE.token(), "GET", "/vms/bound", "").statusCode()).isEqualTo(404);
    }

    @Test
    void restThatIsOpenToAllIsRefused() {
        Site open = SITES.site("open", Map.of("QUARKUS_HTTP_HOST", "0.0.0.0"));

        assertThat(open.failToStart()).contains("tidemark.rest.tokens-file", "0.0.0.0");
    }

    /** As it is without the cache that the other tests start it with. */
    @Test
    void theProgramStartsWithoutAnAotCache() throws IOException {
        Path home = Files.createDirectory(SITES.folder().resolve("program"));
        for (String part : List.of("app", "lib", "quarkus", "quarkus-run.jar")) {
            Files.createSymbolicLink(home.resolve(part), Site.PROGRAM_FOLDER.resolve(part));
        }
        Site plain = SITES.site(
                "plain", Map.of("TIDEMARK_HOME", home.toString(), "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        plain.start();

        assertThat(plain.api().ask("GET", "/vms", "").isOk()).isTrue();
    }

    /** What was asked for of these. */
    private static List<String> audited(String... names) {
        try {
            return read(Files.readAllLines(site.data().resolve("audit.jsonl"))).stream()
                    .filter(entry -> Arrays.stream(names).anyMatch(entry::contains))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> read(List<String> lines) throws IOException {
        List<String> said = new ArrayList<>();
        for (String line : lines) {
            JsonNode entry = new ObjectMapper().readTree(line);
            assertThat(entry.path("from").asText()).startsWith("127.0.0.");
            said.add(String.join(
                    " ",
                    entry.path("who").asText(),
                    entry.path("role").asText(),
                    entry.path("method").asText(),
                    entry.path("target").asText(),
                    entry.path("status").asText()));
        }
        return said;
    }

    private HttpResponse<String> ask(String token, String method, String path, String body) throws Exception {
        return ask(site, token, method, path, body);
    }

    private HttpResponse<String> ask(Site asked, String token, String method, String path, String body)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(asked.restUri() + "/api/v1" + path))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
