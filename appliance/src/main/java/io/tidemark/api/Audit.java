package io.tidemark.api;

import io.quarkus.runtime.BlockingOperationControl;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.tidemark.access.AuditLog;
import io.tidemark.events.EventLog;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Writes down every change that somebody who is known has asked for, and what became of it. */
public final class Audit {

    static final String ROLE = "role";

    private static final Set<String> LOOKS = Set.of("GET", "HEAD", "OPTIONS");

    private final AuditLog log;
    private final EventLog events;
    private final CurrentIdentityAssociation who;
    private final OnRecord onRecord;

    public Audit(AuditLog log, EventLog events, CurrentIdentityAssociation who, OnRecord onRecord) {
        this.log = log;
        this.events = events;
        this.who = who;
        this.onRecord = onRecord;
    }

    /** Who may not do it is told so on a thread that must not wait; whatever else ends there was not for anything that there is. */
    @ServerResponseFilter
    public void answered(
            ContainerRequestContext request,
            ContainerResponseContext response,
            UriInfo uri,
            HttpServerRequest connection) {
        if (LOOKS.contains(request.getMethod())) {
            return;
        }
        String method = request.getMethod();
        URI target = uri.getRequestUri();
        String from = String.valueOf(connection.remoteAddress());
        int status = response.getStatus();
        Map<String, String> names = onRecord.names();
        if (BlockingOperationControl.isBlockingAllowed()) {
            add(who.getIdentity(), new Asked(from, method, target, status, names));
        } else if (status == Response.Status.FORBIDDEN.getStatusCode()) {
            who.getDeferredIdentity()
                    .emitOn(Infrastructure.getDefaultWorkerPool())
                    .subscribe()
                    .with(identity -> add(identity, new Asked(from, method, target, status, names)));
        }
    }

    private record Asked(String from, String method, URI target, int status, Map<String, String> names) {}

    private void add(SecurityIdentity identity, Asked asked) {
        if (identity.isAnonymous()) {
            return; // nobody is known
        }
        try {
            log.add(new AuditLog.Entry(
                    events.now().toString(),
                    identity.getPrincipal().getName(),
                    Optional.ofNullable(identity.<String>getAttribute(ROLE)).orElse(""),
                    asked.from(),
                    asked.method(),
                    path(asked.target()),
                    asked.status(),
                    asked.names()));
        } catch (IOException e) {
            events.error("audit-failed", "", "a change is not in the audit log: " + e);
        }
    }

    private static String path(URI target) {
        return target.getRawPath() + (target.getRawQuery() == null ? "" : "?" + target.getRawQuery());
    }
}
