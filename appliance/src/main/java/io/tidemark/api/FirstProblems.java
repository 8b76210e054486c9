package io.tidemark.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.tidemark.access.HostNames;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Problems of requests that no resource ever sees: the server in front of them would answer without a word.
 *
 * <p>What is no URI at all, or too long a one, is answered by Quarkus before anything of ours is asked: a bare 400 or 414.
 */
@Singleton
public final class FirstProblems {

    private static final int BEFORE_ALL = 1000;

    /** RFC 9110, section 15.5.20. */
    private static final int MISDIRECTED_REQUEST = 421;

    private static final Set<String> LOOKS = Set.of("GET", "HEAD", "OPTIONS");

    private final ObjectMapper json;
    private final HostNames names;
    private final long bodyBytesMax;

    FirstProblems(
            ObjectMapper json,
            HostNames names,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize bodyBytesMax) {
        this.json = json;
        this.names = names;
        this.bodyBytesMax = bodyBytesMax.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(this::judge, BEFORE_ALL);
    }

    private void judge(RoutingContext context) {
        HttpServerRequest request = context.request();
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (!isAskedByAName(request)) {
            answer(
                    context,
                    MISDIRECTED_REQUEST,
                    "Misdirected Request",
                    "this site is not asked as '" + host(request)
                            + "': tidemark.rest.host-names says by which names it is");
        } else if (isOfAnotherPage(request)) {
            answer(context, Response.Status.FORBIDDEN, "a browser has sent this for a page that is not this site's");
        } else if (length != null && length.matches("[0-9]{1,18}") && Long.parseLong(length) > bodyBytesMax) {
            answer(
                    context,
                    Response.Status.REQUEST_ENTITY_TOO_LARGE,
                    "a body of " + length + " bytes, over " + bodyBytesMax);
        } else {
            context.next();
        }
    }

    /** No browser leaves it out. */
    private boolean isAskedByAName(HttpServerRequest request) {
        String reached = String.valueOf(request.localAddress().hostAddress());
        return (request.authority() == null && request.getHeader(HttpHeaders.HOST) == null)
                || names.include(host(request), reached);
    }

    private static String host(HttpServerRequest request) {
        HostAndPort asked = request.authority();
        return asked == null ? String.valueOf(request.getHeader(HttpHeaders.HOST)) : asked.host();
    }

    /** As browsers say it themselves; nobody else says so. The console has rules of its own. */
    private static boolean isOfAnotherPage(HttpServerRequest request) {
        if (LOOKS.contains(request.method().name())
                || !String.valueOf(request.path()).startsWith("/api/")) {
            return false;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        String origin = request.getHeader("Origin");
        return site == null
                ? origin != null && !origin.equals(request.scheme() + "://" + authority(request))
                : !site.equals("same-origin") && !site.equals("none");
    }

    /** HTTP/2 has no Host, but an authority. */
    private static String authority(HttpServerRequest request) {
        HostAndPort asked = request.authority();
        return asked == null || asked.port() <= 0 ? host(request) : asked.host() + ":" + asked.port();
    }

    private void answer(RoutingContext context, Response.Status status, String detail) {
        answer(context, status.getStatusCode(), status.getReasonPhrase(), detail);
    }

    /** The body is not read, so nothing can follow on this connection. */
    private void answer(RoutingContext context, int status, String reason, String detail) {
        Problem problem = new Problem("about:blank", reason, status, detail, Optional.empty());
        try {
            var _ = context.response()
                    .putHeader("Connection", "close")
                    .setStatusCode(status)
                    .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                    .end(json.writeValueAsString(problem));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
