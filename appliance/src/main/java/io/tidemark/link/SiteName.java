package io.tidemark.link;

import java.nio.charset.StandardCharsets;

/** The name of a site: what its certificate says, and what the operator of its peer has registered. */
public record SiteName(String text) {

    public static final int BYTES_MAX = 255;

    public SiteName {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > BYTES_MAX) {
            throw new IllegalArgumentException("site name of " + bytes + " bytes");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
