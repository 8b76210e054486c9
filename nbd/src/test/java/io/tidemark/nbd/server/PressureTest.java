package io.tidemark.nbd.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.wire.Answer;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many clients with many large writes at once: all are served, and memory stays within the budget. */
class PressureTest {
    private static final int MIB = 1 << 20;
    private static final long PATIENCE_SECONDS = 300;
    /** What is in use beside payloads: replies, and what a client sends in the handshake. */
    private static final long BESIDE_BYTES_MAX = 2 * MIB;

    @Test
    void fiftyConnectionsStayWithinALittleMemory() throws Exception {
        press(50, 4, 3 * MIB, 16L * MIB);
    }

    @Test
    @Tag("torture")
    void fiftyConnectionsWithHalfAGibibyteInFlightEach() throws Exception {
        press(50, 16, 32 * MIB, 64L * MIB);
    }

    private static void press(int connections, int writes, int writeBytes, long budgetBytes) throws Exception {
        try (ServerFixture fixture = ServerFixture.with(
                Limits.STANDARD, budgetBytes, home -> RamExport.at(home, RamExport.info("", writeBytes)))) {
            // Given
            PooledByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
            long before = allocator.pinnedDirectMemory();
            CountDownLatch done = new CountDownLatch(connections);
            byte[] payload = new byte[writeBytes];

            // When
            for (int i = 0; i < connections; i++) {
                WireClient client = fixture.enter(HeaderStyle.SIMPLE);
                Thread.startVirtualThread(() -> {
                    write(client, writes, payload);
                    done.countDown();
                });
            }

            // Then
            long most = 0;
            long deadline = TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS);
            while (!done.await(1, TimeUnit.MILLISECONDS) && deadline-- > 0) {
                most = Math.max(most, allocator.pinnedDirectMemory() - before);
            }
            assertThat(done.getCount()).as("clients that were not served").isZero();
            assertThat(most).isLessThanOrEqualTo(budgetBytes + BESIDE_BYTES_MAX);
        }
    }

    /** Sends all writes before it takes an answer. */
    private static void write(WireClient client, int writes, byte[] payload) {
        try (client) {
            for (int i = 0; i < writes; i++) {
                Request request = new Request(Constants.CMD_WRITE, 0, i, 0, payload.length, payload.length);
                client.send(ClientBytes.request(HeaderStyle.SIMPLE, request));
                client.send(payload);
            }
            for (int i = 0; i < writes; i++) {
                assertThat(client.answer()).isEqualTo(new Answer.Simple(i, 0));
            }
            client.disconnect();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
