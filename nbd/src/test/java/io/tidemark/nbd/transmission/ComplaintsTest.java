package io.tidemark.nbd.transmission;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tidemark.nbd.RecordedLog;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class ComplaintsTest {
    @Test
    void aMinuteHasSoManyLinesAndThenTheNumberOfTheOthers() {
        // Given
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        Complaints complaints = new Complaints();
        RecordedLog.clear();

        // When
        long worth = IntStream.range(0, Complaints.LINES_MAX + 7)
                .filter(each -> complaints.worthALine(channel.eventLoop()))
                .count();
        channel.advanceTimeBy(1, TimeUnit.MINUTES);
        channel.runScheduledPendingTasks();

        // Then
        assertThat(worth).isEqualTo(Complaints.LINES_MAX);
        assertThat(RecordedLog.lines(Level.INFO))
                .extracting(RecordedLog.Line::text)
                .containsExactly("7 more lines about clients were left out in the last minute");
        assertThat(complaints.worthALine(channel.eventLoop())).isTrue();
        channel.finishAndReleaseAll();
    }
}
