package io.tidemark.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Sizes and times as people read them. */
final class Words {

    static final String NONE = "–";

    private static final long KIB = 1024;
    private static final String UNITS = "KMGTPE";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Words() {}

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

    static String seconds(Optional<Double> count) {
        return count.map(Words::seconds).orElse(NONE);
    }

    static String seconds(double count) {
        if (count < 60) {
            return String.format(Locale.ROOT, "%.1f s", count);
        }
        Duration time = Duration.ofSeconds(Math.round(count));
        if (time.toHours() == 0) {
            return time.toMinutes() + " min " + time.toSecondsPart() + " s";
        }
        return time.toDays() == 0
                ? time.toHours() + " h " + time.toMinutesPart() + " min"
                : time.toDays() + " d " + time.toHoursPart() + " h";
    }

    static String time(Instant time) {
        return TIME.format(time);
    }

    static String time(Optional<Instant> time) {
        return time.map(Words::time).orElse(NONE);
    }
}
