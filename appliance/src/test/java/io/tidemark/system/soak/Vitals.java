package io.tidemark.system.soak;

import io.tidemark.system.Api;
import io.tidemark.system.Site;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process and its site take of everything, at one moment.
 *
 * @param second of the soak
 */
record Vitals(String site, long pid, long second, Map<Kind, Long> values) {

    private static final long MIB = 1 << 20;

    /** What is measured, and by how much the least of it may grow in the life of a process. */
    enum Kind {
        /** Resident, of no file: heap, stacks, buffers and all that the JVM takes for itself. */
        ANONYMOUS_BYTES(40 * MIB),
        /** The heap, after a collection. */
        HEAP_BYTES(12 * MIB),
        /** Buffers beside the heap. */
        DIRECT_BYTES(16 * MIB),
        DESCRIPTORS(24),
        THREADS(8),
        /** Allocated in the data directory. */
        DATA_BYTES(96 * MIB),
        /** Said since the site began; this grows by what happens. */
        LOG_BYTES(256 << 10);

        private final long growthMax;

        Kind(long growthMax) {
            this.growthMax = growthMax;
        }

        long growthMax() {
            return growthMax;
        }
    }

    /** Looks at a site that is up and answers. */
    static Vitals of(Site site, Api api, long second) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Tool.run(jcmd, site.pid(), "GC.run");
        Path process = Path.of("/proc", Long.toString(site.pid()));
        String status = text(process.resolve("status"));
        Map<Kind, Long> values = new EnumMap<>(Kind.class);
        values.put(Kind.ANONYMOUS_BYTES, field(status, "RssAnon") << 10);
        values.put(Kind.HEAP_BYTES, meter(api, "jvm_memory_used_bytes", "area=\"heap\""));
        values.put(Kind.DIRECT_BYTES, meter(api, "jvm_buffer_memory_used_bytes", "id=\"direct\""));
        values.put(Kind.DESCRIPTORS, entries(process.resolve("fd")));
        values.put(Kind.THREADS, field(status, "Threads"));
        // What is deleted meanwhile makes du complain, and changes nothing of what it finds.
        String used =
                Tool.result("du", "-s", "-B1", site.data()).output().lines().reduce("", (before, last) -> last);
        values.put(Kind.DATA_BYTES, Long.parseLong(used.substring(0, used.indexOf('\t'))));
        values.put(Kind.LOG_BYTES, site.logFile().toFile().length());
        return new Vitals(site.name(), site.pid(), second, values);
    }

    long value(Kind kind) {
        return values.getOrDefault(kind, 0L);
    }

    private static long meter(Api api, String name, String label) {
        return api.meter(name, label).orElseThrow().longValue();
    }

    private static long field(String status, String name) {
        Matcher matcher =
                Pattern.compile("^" + name + ":\\s+(\\d+)", Pattern.MULTILINE).matcher(status);
        if (!matcher.find()) {
            throw new AssertionError("no " + name + " in " + status);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static long entries(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
