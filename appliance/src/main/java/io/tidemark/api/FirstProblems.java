package io.tidemark.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Problems of requests that no resource ever sees: the server in front of them would answer without a word.
 *
 * <p>What is no URI at all, or too long a one, is answered by Quarkus before anything of ours is asked: a bare 400 or 414.
 */
@Singleton
public final class FirstProblems {

    private static final int BEFORE_ALL = 1000;

    private final ObjectMapper json;
    private final long bodyBytesMax;

    FirstProblems(
            ObjectMapper json, @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize bodyBytesMax) {
        this.json = json;
        this.bodyBytesMax = bodyBytesMax.asLongValue();
    }

    void register(@Observes Filters filters) {
        filters.register(this::judge, BEFORE_ALL);
    }

    private void judge(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length != null && length.matches("[0-9]{1,18}") && Long.parseLong(length) > bodyBytesMax) {
            answer(
                    context,
                    Response.Status.REQUEST_ENTITY_TOO_LARGE,
                    "a body of " + length + " bytes, over " + bodyBytesMax);
        } else {
            context.next();
        }
    }

    /** The body is not read, so nothing can follow on this connection. */
    private void answer(RoutingContext context, Response.Status status, String detail) {
        Problem problem =
                new Problem("about:blank", status.getReasonPhrase(), status.getStatusCode(), detail, Optional.empty());
        try {
            var _ = context.response()
                    .putHeader("Connection", "close")
                    .setStatusCode(status.getStatusCode())
                    .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE)
                    .end(json.writeValueAsString(problem));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
