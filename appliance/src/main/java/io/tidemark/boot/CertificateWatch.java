package io.tidemark.boot;

import io.tidemark.events.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Has certificates taken up that were renewed while the process runs. Files that do not fit together yet are tried again at the next look; until then
 * those before count. One thread, which may wait for the disk.
 */
final class CertificateWatch {

    /** A file as it was looked at; empty while it is not there. */
    private record Seen(Path file, Optional<Object> identity) {}

    private final List<Path> files;
    private final Runnable reload;
    private final EventLog events;
    private List<Seen> taken;
    private String problem = "";

    /**
     * @param files the certificates, the keys and the authorities, as the process has begun with them
     * @param reload takes them up; an IllegalArgumentException if they cannot be used
     */
    CertificateWatch(Collection<Path> files, Runnable reload, EventLog events) {
        this.files = List.copyOf(files);
        this.reload = reload;
        this.events = events;
        this.taken = seen();
    }

    void look() {
        List<Seen> now = seen();
        if (now.equals(taken)) {
            return;
        }
        try {
            reload.run();
        } catch (IllegalArgumentException unusable) {
            String why = String.valueOf(unusable.getMessage());
            if (!why.equals(problem)) {
                events.warn("certificates-unusable", changed(now), "those before are still used: " + why);
            }
            problem = why;
            return;
        }
        events.info("certificates-renewed", changed(now), "for whoever connects from now on");
        taken = now;
        problem = "";
    }

    private String changed(List<Seen> now) {
        return now.stream()
                .filter(seen -> !taken.contains(seen))
                .map(seen -> Objects.toString(seen.file().getFileName()))
                .reduce((one, other) -> one + ", " + other)
                .orElse("");
    }

    private List<Seen> seen() {
        return files.stream().map(CertificateWatch::seen).toList();
    }

    private static Seen seen(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return new Seen(
                    file, Optional.of(List.of(now.lastModifiedTime(), now.size(), Optional.ofNullable(now.fileKey()))));
        } catch (IOException notThere) {
            return new Seen(file, Optional.empty());
        }
    }
}
