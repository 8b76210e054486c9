package io.tidemark.link;

import java.util.UUID;

/** The global identity of a site. */
public record SiteId(UUID id) {

    @Override
    public String toString() {
        return id.toString();
    }
}
