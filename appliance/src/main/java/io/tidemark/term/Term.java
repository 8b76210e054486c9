package io.tidemark.term;

import java.nio.charset.StandardCharsets;

/**
 * A time in which one site is the source of a VM. Terms of a VM grow with each change of role; the time before the first change is none.
 *
 * @param number from 1 on
 * @param site the name of the site that is the source, 1 to 255 bytes
 */
public record Term(long number, String site) {

    private static final int SITE_BYTES_MAX = 255;

    public Term {
        int bytes = site.getBytes(StandardCharsets.UTF_8).length;
        if (number < 1 || bytes == 0 || bytes > SITE_BYTES_MAX) {
            throw new IllegalArgumentException("term " + number + " of a site of " + bytes + " bytes");
        }
    }

    @Override
    public String toString() {
        return number + " of " + site;
    }
}
