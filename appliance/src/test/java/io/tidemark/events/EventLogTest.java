package io.tidemark.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventLogTest {

    private final EventLog log = new EventLog(() -> Instant.EPOCH);

    @Test
    void theNewestComeFirstBehindTheOneAskedFor() {
        log.info("a", "vm", "one");
        log.warn("b", "vm", "two");
        log.error("c", "vm", "three");

        assertThat(log.since(1, 10)).extracting(Event::message).containsExactly("three", "two");
        assertThat(log.since(0, 1)).extracting(Event::message).containsExactly("three");
        assertThat(log.since(3, 10)).isEmpty();
    }

    @Test
    void onlyTheNewestAreKeptAndNumbersGoOn() {
        for (int i = 0; i < EventLog.EVENTS_MAX + 5; i++) {
            log.info("a", "vm", "again");
        }

        assertThat(log.since(0, Integer.MAX_VALUE)).hasSize(EventLog.EVENTS_MAX);
        assertThat(log.since(0, 1).getFirst().number()).isEqualTo(EventLog.EVENTS_MAX + 5);
    }
}
