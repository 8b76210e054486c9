package io.tidemark.console;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.tidemark.access.Access;
import io.tidemark.access.Holder;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.core.NewCookie;
import java.net.URI;
import java.util.Optional;

/** The browser that a request comes from: its cookie, and whether what it sends is meant. */
@RequestScoped
public class Browser {

    static final String COOKIE = "tidemark-console";
    static final String ROOT = "/console";

    private final Sessions sessions;
    private final Access access;
    private final CurrentVertxRequest current;
    private Optional<String> fresh = Optional.empty();

    public Browser(Sessions sessions, Access access, CurrentVertxRequest current) {
        this.sessions = sessions;
        this.access = access;
        this.current = current;
    }

    static boolean isConsole(String path) {
        return path.equals(ROOT) || path.startsWith(ROOT + "/");
    }

    /** The number in its cookie; one that it is given now, if it has none. */
    String number() {
        Optional<String> known = told();
        if (fresh.isEmpty() && known.isEmpty()) {
            fresh = Optional.of(sessions.number());
        }
        return fresh.or(() -> known).orElseThrow();
    }

    /** Who sits before it, if he has said so or does not have to. */
    Optional<Holder> holder() {
        return access.holder(told().flatMap(sessions::token));
    }

    /** Whether somebody has signed in with it. */
    boolean isSignedIn() {
        return told().flatMap(sessions::token).isPresent();
    }

    /** From now on it has this number: whoever knows the one before has nothing. */
    void renumber(String number) {
        fresh = Optional.of(number);
    }

    /** What is to be told it with the answer. */
    Optional<NewCookie> newCookie() {
        return fresh.map(number -> new NewCookie.Builder(COOKIE)
                .value(number)
                .path(ROOT)
                .httpOnly(true)
                .secure(request().isSSL())
                .sameSite(NewCookie.SameSite.STRICT)
                .build());
    }

    /** What a form for it has to bear. */
    String proof() {
        return sessions.proof(number());
    }

    /** Refuses a form that does not come from a page that was made for this browser. */
    void require(String said) {
        if (told().filter(number -> sessions.isProof(number, said)).isEmpty()) {
            throw new ForbiddenException(
                    "this form is of an earlier start of the appliance, or not one of its own: go back, load the page again, and repeat it");
        }
    }

    /** Whether a page of our own has sent the request, as browsers say it themselves. */
    boolean isOurPage() {
        Optional<String> site = Optional.ofNullable(request().getHeader("Sec-Fetch-Site"));
        Optional<String> origin = Optional.ofNullable(request().getHeader("Origin"));
        return site.isPresent()
                ? site.get().equals("same-origin")
                : origin.filter(this::isHere).isPresent();
    }

    /** HTTP/2 has no Host, but an authority; HTTP/1.1 the other way about. */
    private boolean isHere(String origin) {
        HostAndPort here = request().authority();
        try {
            String authority = String.valueOf(URI.create(origin).getAuthority());
            return here != null && authority.equals(here.port() > 0 ? here.host() + ":" + here.port() : here.host());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private Optional<String> told() {
        return Optional.ofNullable(request().getCookie(COOKIE)).map(Cookie::getValue);
    }

    private HttpServerRequest request() {
        return current.getCurrent().request();
    }
}
