package io.tidemark.nbd;

import java.nio.charset.StandardCharsets;

/**
 * The name of an export, as clients ask for it; empty for the default export.
 *
 * <p>A string in the sense of proto.md, "Conventions": UTF-8, no NUL, at most 4096 bytes.
 */
public record ExportName(String text) {
    /** The longest name the protocol allows. */
    public static final int BYTES_MAX = 4096;

    public ExportName {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("an export name holds a NUL");
        }
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException("an export name of " + bytes + " > " + BYTES_MAX + " bytes");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
