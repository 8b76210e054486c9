package io.tidemark.nbd.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.RecordedLog;
import io.tidemark.nbd.handshake.HandshakeHandler;
import io.tidemark.nbd.handshake.Terms;
import io.tidemark.nbd.handshake.TlsOffer;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.HeaderStyle;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.protocol.Request;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.transmission.Complaints;
import io.tidemark.nbd.transmission.ReceiveAllocator;
import io.tidemark.nbd.transmission.Turns;
import io.tidemark.nbd.wire.ClientBytes;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.event.Level;

/**
 * A server without a network: hostile clients come and go, and a decent one stays. Both have the real pipeline, from the
 * first byte of the handshake on, and share the memory for payloads.
 *
 * <p>The allocator has no caches, so its count of buffers is exact.
 */
final class EmbeddedServer implements AutoCloseable {
    private static final ExportName NEIGHBOUR = new ExportName("neighbour");
    private static final int NEIGHBOUR_BYTES = 64 << 10;
    private static final int ASKED_BYTES = 700;
    private static final int CHUNK_ORDER = 9;

    private final PooledByteBufAllocator memory =
            new PooledByteBufAllocator(true, 1, 1, 8 << 10, CHUNK_ORDER, 0, 0, false);
    private final PayloadBudget budget = new PayloadBudget(8L * Limits.STANDARD.floorBytes());
    private final Terms terms = new Terms(
            new RamDirectory(
                    RamExport.anywhere(RamExport.info(Script.DISK.text(), Script.DISK_BYTES)),
                    RamExport.anywhere(RamExport.info(NEIGHBOUR.text(), NEIGHBOUR_BYTES))),
            new TlsOffer.None(),
            true,
            Limits.STANDARD,
            budget,
            new Turns(),
            new Complaints());
    private final Connection neighbour;
    private final long buffersAtRest;
    private final long freeAtRest;
    private long cookie;

    EmbeddedServer() {
        RecordedLog.clear();
        neighbour = new Connection();
        neighbour.send(ClientBytes.flags());
        neighbour.send(ClientBytes.option(new Option.StructuredReply()));
        neighbour.send(ClientBytes.option(new Option.Go(NEIGHBOUR, Set.of())));
        neighbour.received();
        buffersAtRest = buffers();
        freeAtRest = budget.freeBytes();
    }

    /** A client says all this, and goes. What it was told. */
    byte[] serve(List<byte[]> arrivals) {
        Connection client = new Connection();
        try {
            for (byte[] bytes : arrivals) {
                client.send(bytes);
            }
            return client.received();
        } finally {
            client.close();
        }
    }

    /** The decent client gets right answers, and nothing is left of those that have gone. */
    void assertUnharmed(Random random) {
        byte[] payload = new byte[ASKED_BYTES];
        random.nextBytes(payload);
        int offset = random.nextInt(NEIGHBOUR_BYTES - ASKED_BYTES);
        neighbour.send(ClientBytes.concat(
                ClientBytes.request(
                        HeaderStyle.STRUCTURED,
                        new Request(Constants.CMD_WRITE, 0, ++cookie, offset, ASKED_BYTES, ASKED_BYTES)),
                payload,
                ClientBytes.request(
                        HeaderStyle.STRUCTURED, new Request(Constants.CMD_READ, 0, ++cookie, offset, ASKED_BYTES, 0))));
        byte[] answers = neighbour.received();
        assertThat(Arrays.copyOfRange(answers, answers.length - ASKED_BYTES, answers.length))
                .isEqualTo(payload);
        assertThat(buffers()).as("buffers not released").isEqualTo(buffersAtRest);
        assertThat(budget.freeBytes()).as("memory for payloads").isEqualTo(freeAtRest);
        assertThat(RecordedLog.lines(Level.ERROR)).isEmpty();
        assertThat(RecordedLog.lines(Level.INFO))
                .as("lines about one connection")
                .hasSizeLessThanOrEqualTo(1);
        RecordedLog.clear();
    }

    @Override
    public void close() {
        neighbour.close();
        assertThat(buffers()).isZero();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    private long buffers() {
        return Stream.concat(memory.metric().directArenas().stream(), memory.metric().heapArenas().stream())
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }

    /** One client's end. */
    private final class Connection {
        private final EmbeddedChannel channel = new EmbeddedChannel();
        private final RecvByteBufAllocator.ExtendedHandle handle;

        Connection() {
            ReceiveAllocator allocator = new ReceiveAllocator();
            handle = allocator.newHandle();
            channel.config().setAllocator(memory);
            channel.config().setRecvByteBufAllocator(allocator);
            channel.pipeline().addLast(new Runner(), new HandshakeHandler(channel, terms, allocator));
            channel.pipeline().fireChannelActive();
        }

        /** Bytes arrive as from a socket, in the buffers that the server gives. */
        void send(byte[] bytes) {
            int[] at = {0};
            while (at[0] < bytes.length && channel.isOpen()) {
                int before = at[0];
                inEventLoop(() -> {
                    while (at[0] < bytes.length
                            && channel.isOpen()
                            && channel.config().isAutoRead()) {
                        ByteBuf buffer = handle.allocate(memory);
                        int length = Math.min(buffer.writableBytes(), bytes.length - at[0]);
                        buffer.writeBytes(bytes, at[0], length);
                        at[0] += length;
                        channel.pipeline().fireChannelRead(buffer);
                    }
                    channel.pipeline().fireChannelReadComplete();
                });
                // All calls are answered at once here, so there is nothing that a connection could wait for.
                assertThat(at[0] > before || !channel.isOpen())
                        .as("read on, or closed")
                        .isTrue();
            }
        }

        /** What the server has sent since the last call. */
        byte[] received() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
                byte[] bytes = new byte[part.readableBytes()];
                part.readBytes(bytes);
                part.release();
                all.writeBytes(bytes);
            }
            return all.toByteArray();
        }

        void close() {
            channel.finishAndReleaseAll();
        }

        private void inEventLoop(Runnable action) {
            channel.writeInbound(action);
        }
    }

    /** Runs what comes in as an action. */
    private static final class Runner extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof Runnable action) {
                action.run();
            } else {
                context.fireChannelRead(message);
            }
        }
    }
}
