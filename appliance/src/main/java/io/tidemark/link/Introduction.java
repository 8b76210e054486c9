package io.tidemark.link;

/** Who wants to ship what: a sender whose certificate bears its name. */
public record Introduction(Site sender, Lineage lineage, SessionId session) {}
