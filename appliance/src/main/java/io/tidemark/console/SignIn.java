package io.tidemark.console;

import io.tidemark.access.Access;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/** Says who somebody is, by a token, and forgets it again. */
@Path("/console")
@Produces(MediaType.TEXT_HTML)
@PermitAll
public final class SignIn {

    private final Sessions sessions;
    private final Access access;
    private final Browser browser;
    private final Pages pages;

    public SignIn(Sessions sessions, Access access, Browser browser, Pages pages) {
        this.sessions = sessions;
        this.access = access;
        this.browser = browser;
        this.pages = pages;
    }

    @GET
    @Path("sign-in")
    public String form() {
        return pages.render("sign-in", Map.of("problem", ""));
    }

    @POST
    @Path("sign-in")
    public Response signIn(
            @FormParam("token") @DefaultValue("") String token, @FormParam("proof") @DefaultValue("") String proof) {
        browser.require(proof);
        String said = token.strip();
        if (access.holder(Optional.of(said)).isEmpty()) {
            return Response.status(Response.Status.UNAUTHORIZED)
                    .type(Pages.HTML)
                    .entity(pages.render("sign-in", Map.of("problem", "Nobody holds this token.")))
                    .build();
        }
        browser.renumber(sessions.open(said));
        return Response.seeOther(URI.create(Browser.ROOT)).build();
    }

    @POST
    @Path("sign-out")
    public Response signOut(@FormParam("proof") @DefaultValue("") String proof) {
        browser.require(proof);
        sessions.close(browser.number());
        browser.renumber(sessions.number());
        return Response.seeOther(URI.create(Browser.ROOT + "/sign-in")).build();
    }
}
