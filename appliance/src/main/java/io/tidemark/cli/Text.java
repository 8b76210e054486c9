package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** What the appliance says, as people read it. */
final class Text {

    static final String NONE = "-";

    private static final long KIB = 1024;
    private static final String UNITS = "KMGTPE";
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Text() {}

    /** A terminal obeys what it is told, and names and reasons come from outside. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /** A value, or a dash where there is none. */
    static String of(JsonNode value) {
        return value.isMissingNode() || value.isNull() || value.asText().isEmpty() ? NONE : printable(value.asText());
    }

    static String bytes(JsonNode count) {
        return count.isNumber() ? bytes(count.asLong()) : NONE;
    }

    static String bytes(long count) {
        if (count < KIB) {
            return count + " B";
        }
        double size = count;
        int unit = -1;
        while (size >= KIB) {
            size /= KIB;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %ciB", size, UNITS.charAt(unit));
    }

    static String seconds(JsonNode count) {
        return count.isNumber() ? seconds(count.asDouble()) : NONE;
    }

    static String seconds(double count) {
        if (count < MINUTE) {
            return String.format(Locale.ROOT, "%.1f s", count);
        }
        long whole = Math.round(count);
        if (whole < HOUR) {
            return whole / MINUTE + " min " + whole % MINUTE + " s";
        }
        return whole < DAY
                ? whole / HOUR + " h " + whole % HOUR / MINUTE + " min"
                : whole / DAY + " d " + whole % DAY / HOUR + " h";
    }
}
