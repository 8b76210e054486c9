package io.tidemark.api;

import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Ends a request with a problem. */
public final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Response.Status status;
    private final String field;

    private Refusal(Response.Status status, String field, String detail) {
        super(detail);
        this.status = status;
        this.field = field;
    }

    /** The body of a request; without one it is refused. */
    static <T> T body(@Nullable T body) {
        if (body == null) {
            throw new Refusal(Response.Status.BAD_REQUEST, "", "the request has no body");
        }
        return body;
    }

    /** A number that is not negative, as it stands in the address. */
    static long count(String field, String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw badField(field, "is not a whole number, or too large");
        }
        throw badField(field, "is negative");
    }

    /** A field of the request is wrong. */
    static Refusal badField(String field, String detail) {
        return new Refusal(Response.Status.BAD_REQUEST, field, detail);
    }

    static Refusal notFound(String detail) {
        return new Refusal(Response.Status.NOT_FOUND, "", detail);
    }

    /** The request is right, but a field of it does not fit the state things are in. */
    static Refusal conflict(String field, String detail) {
        return new Refusal(Response.Status.CONFLICT, field, detail);
    }

    /** The request is right, but not in the state things are in. */
    static Refusal conflict(String detail) {
        return new Refusal(Response.Status.CONFLICT, "", detail);
    }

    /** It would destroy something and does not say that it may. */
    static Refusal unconfirmed(String field, String detail) {
        return new Refusal(Response.Status.PRECONDITION_REQUIRED, field, detail);
    }

    Response response() {
        return Problem.response(
                status, String.valueOf(getMessage()), field.isEmpty() ? Optional.empty() : Optional.of(field));
    }
}
