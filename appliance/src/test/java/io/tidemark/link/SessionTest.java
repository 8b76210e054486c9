package io.tidemark.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.link.receiver.LinkServer;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @Test
    void aListenerThatTakesNobodyInThisSecondHangsUpBeforeTls() throws Exception {
        LinkSettings usual = LinkSettings.DEFAULTS;
        LinkSettings none = new LinkSettings(
                usual.timeouts(), usual.buffers(), usual.connectionsMax(), 0, usual.connectionBytesMax());
        try (TwoSites unwilling = new TwoSites(none)) {
            LinkServer server = unwilling.listen(new Security.PlaintextOnLoopback(), new RecordingReceiver());

            try (Socket socket = new Socket()) {
                socket.connect(server.address());

                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void aQuestionIsAnsweredBesideRanges() {
        RecordingSender sender = open(4);
        sender.uplink().takeRange(sites.ranges().range(1, 10, RECORD_BYTES));

        // When
        CompletableFuture<Optional<BitSet>> one = sender.uplink().compare(question(3));
        CompletableFuture<Optional<BitSet>> other = sender.uplink().compare(question(64));
        sites.until(() -> receiver.questions().size() == 2);

        // Then
        assertThat(receiver.questions()).containsExactly(Map.entry(1L, question(3)), Map.entry(2L, question(64)));

        // When they are answered in another order
        receiver.downlink().answer(2, blocks(0, 63));
        receiver.downlink().answer(1, blocks());
        sites.until(() -> one.isDone() && other.isDone());

        // Then
        assertThat(one.join()).contains(blocks());
        assertThat(other.join()).contains(blocks(0, 63));
    }

    @Test
    void noMoreQuestionsWaitThanMay() {
        RecordingSender sender = open(1);
        for (int i = 0; i < Comparison.UNANSWERED_MAX; i++) {
            assertThat(sender.uplink().compare(question(1))).isNotDone();
        }

        assertThat(sender.uplink().compare(question(1))).isCompletedWithValue(Optional.empty());
        sites.until(() -> receiver.questions().size() == Comparison.UNANSWERED_MAX);
        assertThat(sender.isOver()).isFalse();
    }

    @Test
    void whatIsNotAnsweredWhenTheSessionEndsNeverIs() {
        RecordingSender sender = open(1);
        CompletableFuture<Optional<BitSet>> answer = sender.uplink().compare(question(1));

        sender.uplink().close();

        assertThat(answer).isCompletedWithValue(Optional.empty());
        assertThat(sender.uplink().compares()).isFalse();
        assertThat(sender.uplink().compare(question(1))).isCompletedWithValue(Optional.empty());
    }

    @ParameterizedTest
    @CsvSource({"7, 0, to no question", "1, 1, of block 1 of 1"})
    void anAnswerThatIsNoneEndsTheSession(long question, int block, String why) {
        RecordingSender sender = open(1);
        var unused = sender.uplink().compare(question(1));
        sites.until(() -> receiver.questions().size() == 1);

        receiver.downlink().answer(question, blocks(block));

        sites.until(sender::isOver);
        assertThat(sender.endings().getFirst().toString()).contains(why);
    }

    private static Comparison question(int blocks) {
        return new Comparison(
                new StreamId(new UUID(1, 2)),
                new Extent(Comparison.BLOCK_BYTES, (long) blocks * Comparison.BLOCK_BYTES),
                new Sequence(5),
                ByteBuffer.allocate(blocks * Comparison.DIGEST_BYTES));
    }

    private static BitSet blocks(int... set) {
        BitSet blocks = new BitSet();
        IntStream.of(set).forEach(blocks::set);
        return blocks;
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
