package io.tidemark.console;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;

/** Who asks for nothing in particular looks at the console. */
@Path("/")
@PermitAll
public final class Front {

    @GET
    public Response console() {
        return Response.seeOther(URI.create(Browser.ROOT)).build();
    }
}
