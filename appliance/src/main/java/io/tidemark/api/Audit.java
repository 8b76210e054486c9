package io.tidemark.api;

import io.quarkus.security.identity.SecurityIdentity;
import io.tidemark.access.AuditLog;
import io.tidemark.events.EventLog;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Writes down every change that somebody who is known has asked for, and what became of it. */
public final class Audit {

    static final String ROLE = "role";

    private final AuditLog log;
    private final EventLog events;
    private final SecurityIdentity identity;

    public Audit(AuditLog log, EventLog events, SecurityIdentity identity) {
        this.log = log;
        this.events = events;
        this.identity = identity;
    }

    @ServerResponseFilter
    public void answered(
            ContainerRequestContext request,
            ContainerResponseContext response,
            UriInfo uri,
            HttpServerRequest connection) {
        boolean looks = request.getMethod().equals("GET")
                || request.getMethod().equals("HEAD")
                || request.getMethod().equals("OPTIONS");
        if (looks || response.getStatus() == Response.Status.UNAUTHORIZED.getStatusCode()) {
            return;
        }
        try {
            log.add(new AuditLog.Entry(
                    events.now().toString(),
                    identity.getPrincipal().getName(),
                    Optional.ofNullable(identity.<String>getAttribute(ROLE)).orElse(""),
                    String.valueOf(connection.remoteAddress()),
                    request.getMethod(),
                    uri.getRequestUri().getRawPath()
                            + Optional.ofNullable(uri.getRequestUri().getRawQuery())
                                    .map(query -> "?" + query)
                                    .orElse(""),
                    response.getStatus()));
        } catch (IOException e) {
            events.error("audit-failed", "", "a change is not in the audit log: " + e);
        }
    }
}
