package io.tidemark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;

/** An appliance's REST. Whatever is no success ends the command, with what the appliance says about it. */
final class Rest {

    /** A planned failover may take half a minute, and one of a large group some seconds more. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(2);

    private static final int OK_FROM = 200;
    private static final int OK_TO = 299;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int WANTS_CONFIRMATION = 428;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** An answer: as it came, and what it says. */
    record Answer(int status, String text) {

        boolean wantsConfirmation() {
            return status == WANTS_CONFIRMATION;
        }

        /** The body; missing where there is none, or none that is JSON. */
        JsonNode json() {
            try {
                return text.isEmpty() ? MissingNode.getInstance() : JSON.readTree(text);
            } catch (JsonProcessingException e) {
                return MissingNode.getInstance();
            }
        }
    }

    private final HttpClient client;
    private final URI base;
    private final Optional<String> token;

    Rest(HttpClient client, URI base, Optional<String> token) {
        this.client = client;
        this.base = base;
        this.token = token;
    }

    /** A path of the words, whatever is in them. */
    static String path(String... words) {
        return Arrays.stream(words).map(word -> "/" + encoded(word)).collect(Collectors.joining());
    }

    static String encoded(String word) {
        return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
    }

    Answer get(String path) {
        return ask("GET", path, Optional.empty());
    }

    /** Asks; returns what is a success. */
    Answer ask(String method, String path, Optional<JsonNode> body) {
        Answer answer = tryTo(method, path, body);
        if (answer.status() < OK_FROM || answer.status() > OK_TO) {
            throw refused(answer);
        }
        return answer;
    }

    /** The meters, as Prometheus reads them. */
    String meters() {
        Answer answer = send("GET", "/q/metrics", "text/plain", Optional.empty());
        if (answer.status() < OK_FROM || answer.status() > OK_TO) {
            throw refused(answer);
        }
        return answer.text();
    }

    /** Asks; returns whatever is answered. */
    Answer tryTo(String method, String path, Optional<JsonNode> body) {
        return send(method, "/api/v1" + path, "application/json", body);
    }

    private Answer send(String method, String path, String accepted, Optional<JsonNode> body) {
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(URI.create(base.toString().replaceAll("/+$", "") + path));
        } catch (IllegalArgumentException e) {
            throw new Failed(Exit.USAGE, base + " is not a URL like https://source.example.com:8080");
        }
        request.timeout(ANSWER_TIMEOUT)
                .header("Accept", accepted)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.map(json -> BodyPublishers.ofString(json.toString()))
                                .orElseGet(BodyPublishers::noBody));
        token.ifPresent(said -> request.header("Authorization", "Bearer " + said));
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            throw unanswered(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failed(Exit.NO_ANSWER, "it was interrupted; what was asked for may still be carried out");
        }
    }

    /** What the appliance says against it. */
    static Failed refused(Answer answer) {
        JsonNode problem = answer.json();
        String field = problem.path("field").asText();
        String why = problem.has("detail")
                ? (field.isEmpty() ? "" : field + " ") + problem.path("detail").asText()
                : "the answer is " + answer.status() + ", and not one of Tidemark's: is --url right?";
        return switch (answer.status()) {
            case UNAUTHORIZED ->
                new Failed(
                        Exit.NOT_ALLOWED,
                        why + "; give yours in --token-file, TIDEMARK_TOKEN_FILE or TIDEMARK_TOKEN",
                        answer.text());
            case FORBIDDEN -> new Failed(Exit.NOT_ALLOWED, why, answer.text());
            case NOT_FOUND -> new Failed(Exit.NOT_FOUND, why, answer.text());
            default -> new Failed(Exit.REFUSED, why, answer.text());
        };
    }

    private Failed unanswered(IOException e) {
        String why =
                switch (e) {
                    case HttpConnectTimeoutException late -> "does not answer";
                    case HttpTimeoutException late ->
                        "has not answered in " + ANSWER_TIMEOUT.toSeconds()
                                + " s; what was asked for may still be carried out";
                    case ConnectException refused
                    when refused.getCause() instanceof java.nio.channels.UnresolvedAddressException ->
                        "is not known: there is no such host";
                    case ConnectException refused ->
                        "refuses the connection: is the appliance running, and is --url right?";
                    case SSLException tls ->
                        "cannot be trusted: " + tls.getMessage() + "; --ca-file names the authority of its certificate";
                    default -> "does not answer: " + e;
                };
        return new Failed(Exit.NO_ANSWER, base + " " + why);
    }
}
