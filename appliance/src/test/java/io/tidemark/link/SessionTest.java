package io.tidemark.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Sequence;
import io.tidemark.link.receiver.LinkServer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sessions over TLS, and how they end. */
class SessionTest {

    private static final int RECORD_BYTES = 600;

    @TempDir
    static Path folder;

    private Security here = new Security.PlaintextOnLoopback();
    private Security there = new Security.PlaintextOnLoopback();
    private final TwoSites sites = new TwoSites();
    private final RecordingReceiver receiver = new RecordingReceiver();

    @BeforeEach
    void issueCertificates() {
        TestAuthority authority = new TestAuthority(folder, "authority");
        here = authority.issue("here", authority);
        there = authority.issue("there", authority);
    }

    @AfterEach
    void nothingIsLeft() {
        sites.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 64})
    void rangesArriveWholeOverAllConnections(int connections) {
        // Given
        RecordingSender sender = open(connections);

        // When
        for (int range = 0; range < 100; range++) {
            sender.uplink().takeRange(sites.ranges().range(1 + range * 10L, 10, RECORD_BYTES));
        }

        // Then
        sites.until(() -> sender.received().equals(new Sequence(1000)));
        assertThat(receiver.bodies()).hasSize(100);
        assertThat(receiver.bodies().get(99)).isEqualTo(records(991, 10));
        assertThat(receiver.events()).containsExactly("opened", "start 1");
        assertThat(sender.uplink().counters().ranges()).isEqualTo(100);
        assertThat(sender.uplink().counters().unacknowledgedBytes()).isZero();
    }

    private RecordingSender open(int connections) {
        LinkServer server = sites.listen(there, receiver);
        RecordingSender sender = sites.dial(server, here, connections);
        sites.until(sender::isReady);
        return sender;
    }

    private static ByteBuffer records(long first, int count) {
        ByteBuffer records = ByteBuffer.allocate(count * RECORD_BYTES);
        for (int i = 0; i < count; i++) {
            records.put(Ranges.record(first + i, RECORD_BYTES));
        }
        return records.flip();
    }
}
