package io.tidemark.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A time as people say it: 90s, 30m, 8h, 7d. */
record Span(long seconds) {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})([smhd])");
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    static Span parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException("'" + text + "' is not a time like 90s, 30m, 8h or 7d");
        }
        long count = Long.parseLong(parts.group(1));
        return new Span(count
                * switch (parts.group(2)) {
                    case "s" -> 1;
                    case "m" -> MINUTE;
                    case "h" -> HOUR;
                    default -> DAY;
                });
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<Span> {
        @Override
        public Span convert(String text) {
            return parse(text);
        }
    }
}
