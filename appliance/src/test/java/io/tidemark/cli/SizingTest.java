package io.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures of docs/sizing.md, without an appliance. */
final class SizingTest {

    private static final double GIB = 1 << 30;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void theSourceHoldsAnOutageAndTheReplicaTheWindow() {
        Sizing sizing = new Sizing(20 << 20, 4096, Span.parse("8h"), Span.parse("24h"), 2L << 40);
        double journaled = 20.0 * (1 << 20) * 4172 / 4096;

        assertThat(sizing.sourceQuota() * 0.7).isCloseTo(journaled * 8 * 3600, within(1.0));
        assertThat(sizing.windowBytes()).isCloseTo(journaled * 86400, within(1.0));
        assertThat((sizing.replicaQuota() - 1.5 * GIB) * 15 / 16).isCloseTo(sizing.windowBytes(), within(1.0));
        assertThat(sizing.fileSystem(sizing.sourceQuota())).isEqualTo(sizing.sourceQuota() + 2048 * GIB + GIB);
        assertThat(sizing.secondsToCatchUp(60 << 20)).hasValue(4 * 3600.0);
        assertThat(sizing.secondsToCatchUp((long) sizing.linkToCatchUp())).hasValue(8 * 3600.0);
        assertThat(sizing.secondsToCatchUp(20 << 20)).isEmpty();
    }

    @Test
    void aJournalIsMoreThanWhatIsMadeAhead() {
        Sizing sizing = new Sizing(1, 4096, Span.parse("1s"), Span.parse("1s"), 0);

        assertThat(sizing.sourceQuota()).isEqualTo(Sizing.QUOTA_BYTES_MIN);
        assertThat(sizing.replicaQuota()).isEqualTo(Sizing.QUOTA_BYTES_MIN);
    }

    @Test
    void programsGetBytesAndSeconds() throws Exception {
        assertThat(run("size --write-rate 1M --write-size 64K --outage 1h --window 2h --link 3M --disks 1G --json"))
                .isEqualTo(Exit.DONE);

        JsonNode json = new ObjectMapper().readTree(out());
        assertThat(json.path("writesPerSecond").asLong()).isEqualTo(16);
        assertThat(json.path("source").path("journalQuotaBytes").asLong()).isEqualTo(5_398_930_286L);
        assertThat(json.path("replica").path("windowBytes").asLong()).isEqualTo(7_558_502_400L);
        assertThat(json.path("link").path("keepsUp").asBoolean()).isTrue();
        assertThat(json.path("link").path("secondsToCatchUp").asLong()).isEqualTo(1800);
    }

    @Test
    void peopleGetSettings() {
        assertThat(run("size --write-rate 20M --outage 8h --link 10M")).isEqualTo(Exit.DONE);

        assertThat(out()).contains("journal.quota", "819G", "window-bytes", "1719G", "never", ", and the disks");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size",
                "size --write-rate 20M",
                "size --write-rate 20M --outage 8",
                "size --write-rate 20M --outage 8w",
                "size --write-rate 20M --outage 0h",
                "size --write-rate 20M --outage 8h --write-size 0",
                "size --write-rate 20M --outage 8h --vm shop",
                "size --outage 8h --sample -1",
            })
    void whatMakesNoSenseIsRefused(String words) {
        assertThat(run(words)).as(words).isEqualTo(Exit.USAGE);
        assertThat(err()).isNotBlank();
        assertThat(out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"90s,90", "30m,1800", "8h,28800", "7d,604800"})
    void aTimeIsAsPeopleSayIt(String said, long seconds) {
        assertThat(Span.parse(said).seconds()).isEqualTo(seconds);
    }

    private int run(String words) {
        return Tidemark.run(words.split(" "), new Random(1), new PrintStream(out, true), new PrintStream(err, true));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
