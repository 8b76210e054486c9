package io.tidemark.api;

/** What a request wants its sender to be, as annotations have it: the names of {@link io.tidemark.access.Role}. */
final class Allowed {

    static final String VIEWER = "viewer";
    static final String OPERATOR = "operator";
    static final String ADMIN = "admin";

    private Allowed() {}
}
