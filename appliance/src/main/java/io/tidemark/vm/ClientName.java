package io.tidemark.vm;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the certificate of a client says that it is called: {@code CN:} and a common name, {@code DNS:} or {@code URI:} and an alternative name. It is that
 * name and no pattern.
 */
public record ClientName(String text) {

    public static final int CHARS_MAX = 512;

    private static final String DNS = "DNS:";
    private static final Pattern FORM = Pattern.compile("(CN|DNS|URI):\\S(.*\\S)?");

    public ClientName {
        if (text.length() > CHARS_MAX) {
            throw new IllegalArgumentException(
                    "a client's name of " + text.length() + " > " + CHARS_MAX + " characters");
        }
        if (!FORM.matcher(text).matches() || text.codePoints().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("'" + text + "' is not CN:, DNS: or URI: and a name");
        }
        if (text.startsWith(DNS)) {
            if (text.contains("*")) {
                throw new IllegalArgumentException("'" + text + "' is a pattern, and only names are compared");
            }
            text = DNS + text.substring(DNS.length()).toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
