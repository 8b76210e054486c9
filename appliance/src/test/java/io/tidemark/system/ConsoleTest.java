package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.access.Tokens;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what at the console, and that nobody else's page can. What it looks like is held by {@code make console-test}. */
@Tag("clients")
final class ConsoleTest {

    private static final Tokens.Made EYE = Tokens.make("eye", "viewer", new Random(1));
    private static final Tokens.Made ZOE = Tokens.make("zoe", "operator", new Random(2));
    private static final Tokens.Made MAX = Tokens.make("max", "admin", new Random(3));

    private static final Pattern PROOF = Pattern.compile("name=\"proof\" value=\"([^\"]+)\"");

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static Site site;

    private final HttpClient client = HttpClient.newHttpClient();
    private String cookie = "";

    @BeforeAll
    static void startSite() throws IOException {
        var tokens = SITES.folder().resolve("tokens");
        Files.write(tokens, List.of(EYE.line(), ZOE.line(), MAX.line()));
        site = SITES.site(
                "north",
                Map.of("TIDEMARK_REST_TOKENS_FILE", tokens.toString(), "TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK", "true"));
        site.start();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/vms/shop",
                "/drills",
                "/failovers",
                "/events",
                "/parts/site",
                "/recover?vm=shop",
                "/vms/shop/rpo"
            })
    void whoIsNobodyIsAskedWhoHeIs(String path) throws Exception {
        HttpResponse<String> answer = get("/console" + path);

        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(location(answer)).isEqualTo("/console/sign-in");
    }

    @Test
    void aTokenOpensASessionThatScriptsAndOtherSitesCannotUse() throws Exception {
        String before = cookieOf(get("/console/sign-in"));
        HttpResponse<String> wrong = signIn("nobodys");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("Nobody holds this token").doesNotContain("nobodys");

        HttpResponse<String> answer = signIn(EYE.token());

        assertThat(location(answer)).isEqualTo("/console");
        assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
                .contains("HttpOnly", "SameSite=Strict", "Path=/console")
                .doesNotContain(EYE.token(), before);
        HttpResponse<String> page = get("/console");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("Site north", "eye");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(page.body()).doesNotContain("<script>", "style=", "onclick");

        // REST minds no cookie
        assertThat(get("/api/v1/vms").statusCode()).isEqualTo(401);

        // And it ends
        assertThat(post("/console/sign-out", Map.of("proof", proof(page))).statusCode())
                .isEqualTo(303);
        assertThat(get("/console").statusCode()).isEqualTo(303);
    }

    @Test
    void eachMayDoWhatHisRoleAllows() throws Exception {
        as(EYE);
        assertThat(post("/console/drills", form("vm", "shop")).statusCode()).isEqualTo(403);
        assertThat(get("/console/recover?vm=shop").statusCode()).isEqualTo(403);

        as(ZOE);
        HttpResponse<String> none = post("/console/drills", form("vm", "nobody"));
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
        assertThat(none.body()).contains("no VM nobody is known here");
        assertThat(post("/console/failovers", form("group", "shop", "confirm", "shop", "planned", "true"))
                        .statusCode())
                .isEqualTo(403);

        as(MAX);
        assertThat(post("/console/failovers", form("group", "shop", "confirm", "other", "planned", "true"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(post("/console/failovers", form("group", "shop", "confirm", "shop", "planned", "true"))
                        .statusCode())
                .isEqualTo(404);

        String audit = Files.readString(site.data().resolve("audit.jsonl"));
        assertThat(audit.lines().filter(line -> line.contains("/console/failovers")))
                .hasSize(3)
                .anyMatch(line -> line.contains("\"zoe\"") && line.contains("403"))
                .anyMatch(line -> line.contains("\"max\"") && line.contains("404"));
        assertThat(site.ownLog()).doesNotContain(MAX.token());
    }

    @Test
    void aFormOfSomebodyElseIsRefused() throws Exception {
        as(ZOE);
        Map<String, String> good = form("vm", "nobody");

        assertThat(post("/console/drills", form("vm", "nobody", "proof", "guessed"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/console/drills", Map.of("vm", "nobody")).statusCode()).isEqualTo(403);
        assertThat(post("/console/drills", good, "Origin", "http://evil.example.com")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/console/drills", good, "Sec-Fetch-Site", "cross-site").statusCode())
                .isEqualTo(403);
        assertThat(post("/console/drills", good, "X-None", "of the two").statusCode())
                .isEqualTo(403);
        String own = cookie;
        as(ZOE);
        String others = cookie;
        cookie = own;
        assertThat(post("/console/drills", form("vm", "nobody")).statusCode()).isEqualTo(404);
        cookie = others;
        assertThat(post("/console/drills", good).statusCode()).isEqualTo(403);
    }

    @Test
    void whatComesFromOutsideIsEscaped() throws Exception {
        as(ZOE);

        String body =
                post("/console/drills", form("vm", "<script>alert(1)</script>")).body();

        assertThat(body).contains("&lt;script&gt;").doesNotContain("<script>alert");
    }

    @Test
    void theFrontDoorLeadsThere() throws Exception {
        assertThat(location(get("/"))).isEqualTo("/console");
        assertThat(get("/console/assets/console.css").statusCode()).isEqualTo(200);
        assertThat(get("/webjars/htmx.org/2.0.10/dist/htmx.min.js").statusCode())
                .isEqualTo(200);
    }

    private void as(Tokens.Made holder) throws Exception {
        cookie = "";
        assertThat(signIn(holder.token()).statusCode()).isEqualTo(303);
    }

    private HttpResponse<String> signIn(String token) throws Exception {
        return post("/console/sign-in", Map.of("token", token, "proof", proof(get("/console/sign-in"))));
    }

    /** A form with the proof of this browser. */
    private Map<String, String> form(String... fields) throws Exception {
        Map<String, String> form = new java.util.HashMap<>();
        form.put("proof", proof(get("/console/drills")));
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        return form;
    }

    private static String proof(HttpResponse<String> page) {
        Matcher found = PROOF.matcher(page.body());
        assertThat(found.find()).as(page.body()).isTrue();
        return found.group(1);
    }

    private static String location(HttpResponse<String> answer) {
        return URI.create(answer.headers().firstValue("Location").orElse("")).getPath();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(request(path).GET());
    }

    private HttpResponse<String> post(String path, Map<String, String> form) throws Exception {
        return post(path, form, "Origin", site.restUri().toString());
    }

    private HttpResponse<String> post(String path, Map<String, String> form, String header, String value)
            throws Exception {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header(header, value)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(site.restUri() + path)).header("Accept", "*/*");
        return cookie.isEmpty() ? request : request.header("Cookie", cookie);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        cookieOf(answer);
        return answer;
    }

    private String cookieOf(HttpResponse<String> answer) {
        answer.headers().firstValue("Set-Cookie").ifPresent(said -> cookie = said.substring(0, said.indexOf(';')));
        return cookie.substring(cookie.indexOf('=') + 1);
    }
}
