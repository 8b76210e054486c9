package io.tidemark.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A size as people say it: 21474836480, 512M, 20G, 4T. */
record ByteCount(long bytes) {

    private static final Pattern FORM = Pattern.compile("(\\d{1,19})([KMGT]?)");
    private static final int BITS_EACH = 10;

    static ByteCount parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException("'" + text + "' is not a size like 512M, 20G or 4T");
        }
        try {
            int power = parts.group(2).isEmpty() ? 0 : " KMGT".indexOf(parts.group(2));
            return new ByteCount(Math.multiplyExact(Long.parseLong(parts.group(1)), 1L << (BITS_EACH * power)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is too large a size");
        }
    }

    /** For picocli. */
    static final class Converter implements ITypeConverter<ByteCount> {
        @Override
        public ByteCount convert(String text) {
            return parse(text);
        }
    }
}
