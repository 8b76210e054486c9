package io.tidemark.console;

import io.tidemark.api.Problem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import java.lang.annotation.Annotation;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** What holds for all pages: who may send something, what a browser may do with a page, and how a refusal looks. */
public final class Filters {

    private static final Set<String> LOOKS = Set.of("GET", "HEAD", "OPTIONS");

    /** Nothing from elsewhere, nothing inline, and no frame around it. */
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private final Pages pages;
    private final Browser browser;

    public Filters(Pages pages, Browser browser) {
        this.pages = pages;
        this.browser = browser;
    }

    /** What changes something has to come from a page of ours. */
    @ServerRequestFilter
    public Optional<Response> fromElsewhere(ContainerRequestContext request) {
        if (!isOurs(request) || LOOKS.contains(request.getMethod()) || browser.isOurPage()) {
            return Optional.empty();
        }
        return Optional.of(Response.status(Response.Status.FORBIDDEN)
                .type(MediaType.TEXT_PLAIN_TYPE)
                .entity("this came from a page that is not the appliance's")
                .build());
    }

    @ServerResponseFilter
    public void dress(ContainerRequestContext request, ContainerResponseContext response) {
        if (!isOurs(request)) {
            return;
        }
        if (response.getEntity() instanceof Problem problem) {
            refuse(request, response, problem);
        }
        MultivaluedMap<String, Object> headers = response.getHeaders();
        headers.putSingle("Content-Security-Policy", POLICY);
        headers.putSingle("X-Content-Type-Options", "nosniff");
        headers.putSingle("Referrer-Policy", "same-origin");
        headers.putSingle("Cross-Origin-Opener-Policy", "same-origin");
        headers.putSingle("Cross-Origin-Resource-Policy", "same-origin");
        headers.putSingle(HttpHeaders.CACHE_CONTROL, "no-store");
        Optional<NewCookie> cookie = browser.newCookie();
        cookie.ifPresent(told -> headers.add(HttpHeaders.SET_COOKIE, told));
    }

    /** Who is nobody is asked who he is; to all others it is said as a page. */
    private void refuse(ContainerRequestContext request, ContainerResponseContext response, Problem problem) {
        if (problem.status() == Response.Status.UNAUTHORIZED.getStatusCode()) {
            response.getHeaders().remove(HttpHeaders.WWW_AUTHENTICATE);
            if (request.getHeaderString("HX-Request") != null) {
                response.getHeaders().putSingle("HX-Redirect", Browser.ROOT + "/sign-in");
                response.setEntity("", new Annotation[0], MediaType.TEXT_HTML_TYPE);
            } else {
                response.setStatusInfo(Response.Status.SEE_OTHER);
                response.getHeaders().putSingle(HttpHeaders.LOCATION, URI.create(Browser.ROOT + "/sign-in"));
                response.setEntity("", new Annotation[0], MediaType.TEXT_HTML_TYPE);
            }
            return;
        }
        response.setEntity(pages.refusal(problem), new Annotation[0], Pages.HTML);
    }

    private static boolean isOurs(ContainerRequestContext request) {
        return Browser.isConsole(request.getUriInfo().getPath());
    }
}
