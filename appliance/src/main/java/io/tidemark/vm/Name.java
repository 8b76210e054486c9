package io.tidemark.vm;

import java.util.regex.Pattern;

/** A name that people give: safe in a URL, a file name and a label. */
public record Name(String text) implements Comparable<Name> {

    public static final String PATTERN = "[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?";

    private static final Pattern VALID = Pattern.compile(PATTERN);

    public Name {
        if (!VALID.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "name '" + shortened(text)
                            + "' is not 1 to 63 lower-case letters, digits, '.', '_' and '-' with a letter or digit at both ends");
        }
    }

    @Override
    public int compareTo(Name other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
