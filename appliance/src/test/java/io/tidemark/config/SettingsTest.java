package io.tidemark.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.tidemark.nbd.server.TlsPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

    private static final Map<String, String> LEAST =
            Map.of("tidemark.data-directory", "/data", "tidemark.site.name", "here");

    @Test
    void aNameAndAFolderAreEnough() {
        Settings settings = settings(Map.of());

        assertThat(settings.appliance().dataDirectory()).hasToString("/data");
        assertThat(settings.appliance().intake().cutInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.nbdTls()).isEqualTo(new TlsPolicy.Off());
        assertThat(settings.nbd().connectionsMax()).isEqualTo(512);
        assertThat(settings.link().toString()).contains("/data/tls/site.crt");
    }

    /** A replica whose window does not fit its journal would fill it up, and take nothing until the window's time has passed. */
    @ParameterizedTest
    @CsvSource({"64G, 48G, 49152", "64G, 80G, 60000", "4G, 32G, 2400", "1G, 32G, 256"})
    void aWindowIsNoLongerThanItsJournalHasRoomFor(String quota, String window, long mebibytes) {
        Settings settings = settings(Map.of(
                "tidemark.journal.quota", quota,
                "tidemark.replica.window-bytes", window));

        assertThat(settings.appliance().replica().windowBytes() >> 20).isEqualTo(mebibytes);
    }

    /** Else a full replica would wait for a copy to replace what it keeps, and the copy for room. */
    @ParameterizedTest
    @CsvSource({"64G, 48G, 49152", "4G, 48G, 2400"})
    void noMoreIsKeptForAPointThanItsJournalHasRoomForUnlessItIsToWait(String quota, String kept, long mebibytes) {
        Map<String, String> limits = Map.of(
                "tidemark.journal.quota", quota,
                "tidemark.replica.kept-point-bytes-max", kept);
        Map<String, String> always = new HashMap<>(limits);
        always.put("tidemark.replica.keep-last-point-always", "true");

        assertThat(settings(limits).appliance().replica().keptPointBytesMax() >> 20)
                .isEqualTo(mebibytes);
        assertThat(settings(always).appliance().replica().keptPointBytesMax()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void certificatesAreKnownByWhatTheyAreUsedFor() {
        assertThat(settings(Map.of("tidemark.link.plaintext-on-loopback", "true"))
                        .certificates())
                .containsOnlyKeys("target-authorities");
        assertThat(settings(Map.of(
                                "tidemark.nbd.tls", "required",
                                "tidemark.nbd.certificates.certificate", "/nbd.crt",
                                "tidemark.nbd.certificates.key", "/nbd.key",
                                "tidemark.nbd.client-authorities", "/clients.crt"))
                        .certificates())
                .containsOnlyKeys("link", "link-authorities", "nbd", "nbd-client-authorities", "target-authorities")
                .containsEntry("nbd", Path.of("/nbd.crt"));
    }

    @Test
    void anUnknownKeyIsRefusedWithItsName() {
        assertThatThrownBy(() -> settings(Map.of("tidemark.journal.qouta", "8G")))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining("tidemark.journal.qouta");
    }

    @Test
    void aMissingKeyIsNamed() {
        assertThatThrownBy(() -> mapped(Map.of("tidemark.site.name", "here")))
                .isInstanceOf(ConfigValidationException.class)
                .hasMessageContaining("tidemark.data-directory");
    }

    @ParameterizedTest
    @CsvSource({
        "tidemark.journal.segment-bytes, 1M",
        "tidemark.replica.credit, 4M",
        "tidemark.ship.hold-back-after, -1s",
        "tidemark.journal.segment-bytes, 16777217",
        "tidemark.journal.quota, 256M",
        "tidemark.journal.control-reserve, 200M",
        "tidemark.journal.force-interval, 0s",
        "tidemark.intake.cut-interval, 0s",
        "tidemark.intake.cut-interval, PT-1S",
        "tidemark.intake.ack-delay-max, PT-1S",
        "tidemark.volume.force-interval, 0s",
        "tidemark.ship.range-bytes, 3G",
        "tidemark.ship.rpo-objective, 0s",
        "tidemark.target.in-flight-bytes, 0",
        "tidemark.target.round-bytes, 0",
        "tidemark.target.behind-after, 0s",
        "tidemark.stop-deadline, 0s",
    })
    void whatDoesNotFitIsRefusedWithTheNameOfTheKey(String key, String value) {
        Settings settings = settings(Map.of(key, value));

        assertThatThrownBy(settings::appliance)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tidemark.")
                .hasMessageContaining(key.replaceFirst(".*\\.", "").replaceFirst("-.*", ""));
    }

    @Test
    void whatIsNoNumberIsRefusedWithTheNameOfTheKey() {
        assertThatThrownBy(() -> settings(Map.of("tidemark.journal.segments-ahead", "many")))
                .hasMessageContaining("tidemark.journal.segments-ahead");
    }

    @Test
    void encryptionNeedsCertificates() {
        Settings settings = settings(Map.of("tidemark.nbd.tls", "required"));

        assertThatThrownBy(settings::nbdTls).hasMessageContaining("tidemark.nbd.certificates");
    }

    @Test
    void variablesThatAreNoSettingsAreNamed() {
        UnknownSettings.refuseIn(Map.of("TIDEMARK_SITE_NAME", "here", "TIDEMARK_HOME", "/opt", "PATH", "/bin"));

        assertThatThrownBy(() ->
                        UnknownSettings.refuseIn(Map.of("TIDEMARK_SITE_NAME", "here", "TIDEMARK_SITE_NAEM", "there")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TIDEMARK_SITE_NAEM")
                .hasMessageNotContaining("TIDEMARK_SITE_NAME,");
    }

    private static Settings settings(Map<String, String> changes) {
        Map<String, String> all = new HashMap<>(LEAST);
        all.putAll(changes);
        return new Settings(mapped(all));
    }

    private static TidemarkConfig mapped(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withConverter(
                        io.quarkus.runtime.configuration.MemorySize.class,
                        100,
                        new io.quarkus.runtime.configuration.MemorySizeConverter())
                .withConverter(Duration.class, 200, new io.quarkus.runtime.configuration.DurationConverter())
                .withMapping(TidemarkConfig.class)
                .withSources(new PropertiesConfigSource(values, "test", 500))
                .build()
                .getConfigMapping(TidemarkConfig.class);
    }
}
