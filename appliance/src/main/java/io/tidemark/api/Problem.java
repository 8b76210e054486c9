package io.tidemark.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.ws.rs.core.Response;
import java.util.Optional;

/**
 * An error as clients see it (RFC 9457).
 *
 * @param field what in the request is wrong, if one thing is
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record Problem(String type, String title, int status, String detail, Optional<String> field) {

    static final String MEDIA_TYPE = "application/problem+json";

    static Response response(Response.StatusType status, String detail, Optional<String> field) {
        return Response.status(status)
                .type(MEDIA_TYPE)
                .entity(new Problem("about:blank", status.getReasonPhrase(), status.getStatusCode(), detail, field))
                .build();
    }
}
