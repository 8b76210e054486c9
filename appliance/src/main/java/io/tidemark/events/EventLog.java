package io.tidemark.events;

import io.tidemark.events.Event.Severity;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The newest events of this life, and a log line for each. Any thread. */
public final class EventLog {

    public static final int EVENTS_MAX = 1000;

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    private final InstantSource clock;
    private final Deque<Event> events = new ArrayDeque<>();
    private long count;

    public EventLog(InstantSource clock) {
        this.clock = clock;
    }

    /** The time that an event would bear now. */
    public Instant now() {
        return clock.instant();
    }

    /**
     * Notes an event.
     *
     * @param kind one of a few fixed words, in the form {@code vm-registered}
     */
    public synchronized void add(Severity severity, String kind, String subject, String message) {
        events.addLast(new Event(++count, clock.instant(), severity, kind, subject, message));
        if (events.size() > EVENTS_MAX) {
            events.removeFirst();
        }
        LOG.atLevel(level(severity)).log("{} subject={} {}", kind, subject, message);
    }

    public void info(String kind, String subject, String message) {
        add(Severity.INFO, kind, subject, message);
    }

    public void warn(String kind, String subject, String message) {
        add(Severity.WARNING, kind, subject, message);
    }

    public void error(String kind, String subject, String message) {
        add(Severity.ERROR, kind, subject, message);
    }

    /** The events behind {@code number}, the newest first, so many at the most. */
    public synchronized List<Event> since(long number, long most) {
        List<Event> newest = new ArrayList<>(events);
        Collections.reverse(newest);
        return newest.stream()
                .takeWhile(event -> event.number() > number)
                .limit(most)
                .toList();
    }

    private static Level level(Severity severity) {
        return switch (severity) {
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR -> Level.ERROR;
        };
    }
}
