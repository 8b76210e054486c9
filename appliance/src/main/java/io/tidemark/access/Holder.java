package io.tidemark.access;

/**
 * Somebody who has a token.
 *
 * @param name for the audit log
 */
public record Holder(String name, Role role) {}
