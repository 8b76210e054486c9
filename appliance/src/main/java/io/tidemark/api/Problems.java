package io.tidemark.api;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import io.tidemark.volume.FullException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.CharConversionException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever ends a request into a problem that names what is wrong. */
public final class Problems {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    /** RFC 4918, section 11.5. */
    private static final Response.StatusType INSUFFICIENT_STORAGE = new Response.StatusType() {
        @Override
        public int getStatusCode() {
            return 507;
        }

        @Override
        public Response.Status.Family getFamily() {
            return Response.Status.Family.SERVER_ERROR;
        }

        @Override
        public String getReasonPhrase() {
            return "Insufficient Storage";
        }
    };

    @ServerExceptionMapper
    public Response refusal(Refusal refusal) {
        return refusal.response();
    }

    @ServerExceptionMapper
    public Response nobody(UnauthorizedException e) {
        return unknown("this wants a token: Authorization: Bearer ...");
    }

    @ServerExceptionMapper
    public Response wrongToken(AuthenticationFailedException e) {
        return unknown(String.valueOf(e.getMessage()));
    }

    @ServerExceptionMapper
    public Response notAllowed(ForbiddenException e) {
        return Problem.response(
                Response.Status.FORBIDDEN, "the holder of this token may not do that", Optional.empty());
    }

    private static Response unknown(String detail) {
        Response problem = Problem.response(Response.Status.UNAUTHORIZED, detail, Optional.empty());
        return Response.fromResponse(problem)
                .header(HttpHeaders.WWW_AUTHENTICATE, TokenAuthentication.CHALLENGE)
                .build();
    }

    @ServerExceptionMapper
    public Response illegalArgument(IllegalArgumentException e) {
        return Problem.response(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()), Optional.empty());
    }

    @ServerExceptionMapper(priority = 1)
    public Response webApplication(WebApplicationException e) {
        Throwable cause = e.getCause();
        if (cause instanceof JacksonException json) {
            return badJson(json);
        }
        Response.StatusType status = e.getResponse().getStatusInfo();
        return Problem.response(status, String.valueOf(e.getMessage()), Optional.empty());
    }

    @ServerExceptionMapper(priority = 1)
    public Response badJson(JacksonException e) {
        JsonLocation at = e.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        Optional<String> field = e instanceof JsonMappingException mapping ? path(mapping) : Optional.empty();
        return Problem.response(Response.Status.BAD_REQUEST, rootMessage(e) + where, field);
    }

    /** For what the framework would answer itself, without a word. */
    @ServerExceptionMapper(priority = 1)
    public Response mismatch(MismatchedInputException e) {
        return badJson(e);
    }

    /** Jackson takes a body that begins with NULs for UTF-32, and says in its own way that it is not. */
    @ServerExceptionMapper
    public Response notText(CharConversionException e) {
        return Problem.response(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()), Optional.empty());
    }

    @ServerExceptionMapper
    public Response late(CompletionException e) {
        if (e.getCause() instanceof TimeoutException) {
            return Problem.response(
                    Response.Status.SERVICE_UNAVAILABLE,
                    "the journal has no room at the moment; the request may still be carried out",
                    Optional.empty());
        }
        return other(e);
    }

    @ServerExceptionMapper
    public Response other(Exception e) {
        if (FullException.causes(e)) {
            return Problem.response(
                    INSUFFICIENT_STORAGE, "the appliance's disk is full: " + e.getMessage(), Optional.empty());
        }
        LOG.error("a request has failed", e);
        return Problem.response(
                Response.Status.INTERNAL_SERVER_ERROR, "the appliance's log says more: " + e, Optional.empty());
    }

    private static Optional<String> path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        return path.isEmpty() ? Optional.empty() : Optional.of(path);
    }

    private static String rootMessage(JacksonException e) {
        @Nullable Throwable root = e;
        while (root.getCause() instanceof IllegalArgumentException cause) {
            root = cause;
        }
        return root instanceof JacksonException json ? json.getOriginalMessage() : String.valueOf(root.getMessage());
    }
}
