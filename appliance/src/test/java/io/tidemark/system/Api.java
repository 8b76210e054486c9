package io.tidemark.system;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** A site's REST, as an operator's script uses it. */
public final class Api {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int OK_FROM = 200;
    private static final int OK_TO = 299;

    /** An answer, whatever it is. */
    public record Answer(int status, String mediaType, String text) {

        public boolean isOk() {
            return status >= OK_FROM && status <= OK_TO;
        }

        /** The body; missing where there is none. */
        public JsonNode body() {
            try {
                return text.isEmpty() ? MissingNode.getInstance() : JSON.readTree(text);
            } catch (JsonProcessingException e) {
                throw new AssertionError("not JSON: " + text, e);
            }
        }
    }

    /** A recovery point as REST lists it. */
    public record Point(long sequence, Instant time, String kind, boolean consistent, String inconsistency) {

        static Point of(JsonNode node) {
            return new Point(
                    node.path("sequence").asLong(),
                    Instant.parse(node.path("time").asText()),
                    node.path("kind").asText(),
                    node.path("consistent").asBoolean(),
                    node.path("inconsistency").asText());
        }
    }

    /** A drill and where its disks are. */
    public record Drill(String id, Point point, Map<String, String> uris, String definition) {

        public static Drill of(JsonNode node) {
            return new Drill(
                    node.path("id").asText(),
                    Point.of(node.path("point")),
                    uris(node),
                    node.path("definition").path("text").asText());
        }

        private static Map<String, String> uris(JsonNode node) {
            Map<String, String> uris = new LinkedHashMap<>();
            node.path("disks")
                    .forEach(disk -> uris.put(
                            disk.path("name").asText(), disk.path("uri").asText()));
            return uris;
        }

        /** The URI of one of its disks. */
        public String uri(String disk) {
            return Optional.ofNullable(uris.get(disk))
                    .orElseThrow(() -> new AssertionError("no " + disk + " in " + this));
        }
    }

    /** A drill of a group, with the URIs of the disks of each VM, in the order in which they are to be started. */
    public record GroupDrill(String id, Point point, Map<String, Map<String, String>> uris) {

        public static GroupDrill of(JsonNode node) {
            Map<String, Map<String, String>> uris = new LinkedHashMap<>();
            node.path("vms").forEach(vm -> uris.put(vm.path("vm").asText(), Drill.uris(vm)));
            return new GroupDrill(node.path("id").asText(), Point.of(node.path("point")), uris);
        }

        /** The URI of a disk of one of its VMs. */
        public String uri(String vm, String disk) {
            return Optional.ofNullable(uris.get(vm))
                    .flatMap(disks -> Optional.ofNullable(disks.get(disk)))
                    .orElseThrow(() -> new AssertionError("no " + disk + " of " + vm + " in " + this));
        }
    }

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI base;

    /** @param base of the process: {@code http://host:port} */
    Api(URI base) {
        this.base = base;
    }

    /** Asks without minding the answer; a path that begins with {@code /q/} is the framework's, any other the API's. */
    public Answer ask(String method, String path, String body) {
        URI uri = base.resolve(path.startsWith("/q/") ? path : "/api/v1" + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + uri, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    public JsonNode get(String path) {
        return ok("GET", path, "");
    }

    public JsonNode put(String path, Object body) {
        return ok("PUT", path, json(body));
    }

    public JsonNode post(String path, Object body) {
        return ok("POST", path, json(body));
    }

    public JsonNode delete(String path) {
        return ok("DELETE", path, "");
    }

    /** One VM as it is seen here. */
    public JsonNode vm(String vm) {
        return get("/vms/" + vm);
    }

    /** One disk of a VM as it is seen here. */
    public JsonNode disk(String vm, String disk) {
        return elements(vm(vm).path("disks"))
                .filter(each -> each.path("name").asText().equals(disk))
                .findFirst()
                .orElseThrow(() -> new AssertionError("VM " + vm + " has no disk " + disk));
    }

    /** All recovery points of a VM that this site keeps, the newest first; none while it does not know the VM. */
    public List<Point> points(String vm) {
        Answer answer = ask("GET", "/vms/" + vm + "/recovery-points?limit=1000000", "");
        return answer.status() == 404
                ? List.of()
                : elements(checked(answer, vm)).map(Point::of).toList();
    }

    /** All recovery points of a group that this site keeps, the newest first; none while it does not know the group. */
    public List<Point> groupPoints(String group) {
        Answer answer = ask("GET", "/groups/" + group + "/recovery-points?limit=1000000", "");
        return answer.status() == 404
                ? List.of()
                : elements(checked(answer, group)).map(Point::of).toList();
    }

    /** Those that can be offered as consistent, the newest first. */
    public List<Point> consistentPoints(String vm) {
        return points(vm).stream().filter(Point::consistent).toList();
    }

    /** Starts a drill at {@code latest}, a sequence, or a time. */
    public Drill drill(String vm, String point) {
        return Drill.of(post("/drills", Map.of("vm", vm, "point", point)));
    }

    /** Starts a drill at a point. */
    public Drill drill(String vm, Point point) {
        return drill(vm, Long.toString(point.sequence()));
    }

    /** Ends a drill. */
    public void end(Drill drill) {
        delete("/drills/" + drill.id());
    }

    /** What has happened in this life, the newest first. */
    public List<JsonNode> events() {
        return elements(get("/events?limit=10000")).toList();
    }

    /** The value of a meter, the sum of it over all labels that contain {@code labels}; empty while it is not there. */
    public Optional<Double> meter(String name, String... labels) {
        return ask("GET", "/q/metrics", "")
                .text()
                .lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1).replace("+Inf", "Infinity"))
                .map(Double::parseDouble)
                .reduce(Double::sum);
    }

    /** The elements of an array. */
    public static java.util.stream.Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** Any value as JSON. */
    public static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private JsonNode ok(String method, String path, String body) {
        return checked(ask(method, path, body), method + " " + path + " " + body);
    }

    private static JsonNode checked(Answer answer, String what) {
        if (!answer.isOk()) {
            throw new AssertionError(what + ": " + answer.status() + " " + answer.text());
        }
        return answer.body();
    }
}
