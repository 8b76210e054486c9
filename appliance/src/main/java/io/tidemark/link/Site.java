package io.tidemark.link;

/** One place with an appliance. */
public record Site(SiteId id, SiteName name) {}
