package io.tidemark.nbd.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Limits;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.manual.Asked;
import io.tidemark.nbd.manual.ManualExport;
import io.tidemark.nbd.memory.PayloadBudget;
import io.tidemark.nbd.protocol.Option;
import io.tidemark.nbd.ram.RamDirectory;
import io.tidemark.nbd.ram.RamExport;
import io.tidemark.nbd.transmission.Complaints;
import io.tidemark.nbd.transmission.ConnectionEvent;
import io.tidemark.nbd.transmission.ReceiveAllocator;
import io.tidemark.nbd.transmission.TransmissionHandler;
import io.tidemark.nbd.transmission.Turns;
import io.tidemark.nbd.wire.ClientBytes;
import io.tidemark.nbd.wire.Hex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandshakeHandlerTest {
    private static final byte[] GREETING = Hex.bytes("4E42444D41474943", "49484156454F5054", "0003");
    private static final ExportName DISK = new ExportName("disk");

    private final ManualExport export = ManualExport.anywhere(RamExport.info("disk", 1 << 20));
    private final PayloadBudget budget = new PayloadBudget(1 << 20);
    private final EmbeddedChannel channel = connect(export);

    @AfterEach
    void everythingComesBack() {
        channel.finishAndReleaseAll();
        assertThat(budget.freeBytes()).isEqualTo(budget.totalBytes());
    }

    @Test
    void greetsAtOnce() {
        assertThat(received(channel)).isEqualTo(GREETING);
    }

    @Test
    void goLeadsToTheTransmissionPhase() throws InterruptedException {
        // Given
        send(channel, ClientBytes.flags());

        // When
        send(channel, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // Then
        assertThat(received(channel))
                .endsWith(Hex.bytes(
                        "0003E889045565A9 00000007 00000003 0000000C # NBD_REP_INFO",
                        "0000 0000000000100000 0D6D                  # NBD_INFO_EXPORT",
                        "0003E889045565A9 00000007 00000001 00000000 # NBD_REP_ACK"));
        send(channel, Hex.bytes("25609513 0000 0003 0000000000000001 0000000000000000 00000000 # NBD_CMD_FLUSH"));
        export.next(Asked.Flush.class).completion().complete(Outcome.DONE);
        assertThat(received(channel)).isEqualTo(Hex.bytes("67446698 00000000 0000000000000001"));
    }

    /** Else whoever connects next, because of the answer, might find all places for handshakes taken. */
    @Test
    void theHandshakeIsOverBeforeTheClientKnows() {
        List<Integer> answersUntilOver = new ArrayList<>();
        EmbeddedChannel other = connect(
                export,
                budget,
                channel -> answersUntilOver.add(channel.outboundMessages().size()));
        send(other, ClientBytes.flags());
        received(other);

        // When
        send(other, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // Then
        assertThat(received(other)).isNotEmpty();
        assertThat(answersUntilOver).containsExactly(0);
        other.finishAndReleaseAll();
    }

    @Test
    void theOldWayLeadsThereToo() {
        // Given a client that wants its zeroes
        send(channel, Hex.bytes("00000001"));
        received(channel);

        // When
        send(channel, ClientBytes.option(new Option.UseExport(DISK)));

        // Then
        assertThat(received(channel)).isEqualTo(Hex.bytes("0000000000100000", "0D6D", "00".repeat(124)));
        assertThat(channel.pipeline().get(TransmissionHandler.class)).isNotNull();
    }

    @Test
    void anySplitMeansTheSame() {
        // Given
        byte[] script = ClientBytes.concat(
                ClientBytes.flags(),
                ClientBytes.option(99, new byte[] {1, 2, 3}),
                ClientBytes.option(new Option.StructuredReply()),
                ClientBytes.option(new Option.ListExports()),
                ClientBytes.option(new Option.Abort()));
        byte[] expected = conversation(script, script.length);
        for (int cut = 0; cut <= script.length; cut++) {

            // When
            byte[] answers = conversation(script, cut);

            // Then
            assertThat(answers).as("cut at %s", cut).isEqualTo(expected);
        }
    }

    private byte[] conversation(byte[] script, int cut) {
        EmbeddedChannel other = connect(export);
        send(other, Arrays.copyOf(script, cut));
        send(other, Arrays.copyOfRange(script, cut, script.length));
        byte[] answers = received(other);
        assertThat(other.isOpen()).as("after NBD_OPT_ABORT").isFalse();
        other.finishAndReleaseAll();
        return answers;
    }

    @Test
    void itMayEndAnywhere() {
        // Given
        byte[] script = ClientBytes.concat(
                ClientBytes.flags(), ClientBytes.option(new Option.Info(DISK, Set.of(Option.InfoType.NAME))));
        for (int length = 0; length <= script.length; length++) {
            EmbeddedChannel other = connect(export);
            send(other, Arrays.copyOf(script, length));

            // When
            other.finishAndReleaseAll();

            // Then
            assertThat(other.isOpen()).isFalse();
        }
    }

    @Test
    void goodbyeIsAnswered() {
        // Given
        send(channel, ClientBytes.flags());

        // When
        send(channel, ClientBytes.option(new Option.Abort()));

        // Then
        assertThat(received(channel)).endsWith(Hex.bytes("0003E889045565A9 00000002 00000001 00000000"));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anOversizedOptionIsSkipped() {
        // Given
        send(channel, ClientBytes.flags());
        received(channel);

        // When
        send(channel, ClientBytes.option(7, new byte[Limits.STANDARD.optionBytesMax() + 1]));
        send(channel, ClientBytes.option(new Option.StructuredReply()));

        // Then
        byte[] answers = received(channel);
        assertThat(answers)
                .startsWith(Hex.bytes("0003E889045565A9 00000007 80000009 # NBD_REP_ERR_TOO_BIG"))
                .endsWith(Hex.bytes("0003E889045565A9 00000008 00000001 00000000 # NBD_REP_ACK"));
    }

    @Test
    void aHugeOptionEndsTheConnection() {
        // Given
        send(channel, ClientBytes.flags());

        // When
        send(channel, Hex.bytes("49484156454F5054 00000007 FFFFFFFF"));

        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void garbageEndsTheConnection() {
        // When
        send(channel, Hex.bytes("FFFFFFFF # flags nobody knows"));

        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void anUnknownExportEndsTheOldWay() {
        // Given
        send(channel, ClientBytes.flags());

        // When
        send(channel, ClientBytes.option(new Option.UseExport(new ExportName("none"))));

        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void requestsAheadOfTheAnswerAreAViolation() {
        // Given
        send(channel, ClientBytes.flags());

        // When
        send(channel, ClientBytes.concat(ClientBytes.option(new Option.Go(DISK, Set.of())), new byte[28]));

        // Then
        assertThat(channel.isOpen()).isFalse();
        assertThat(export.waiting()).isZero();
    }

    @Test
    void silenceHasItsDeadline() {
        // When
        channel.advanceTimeBy(Limits.STANDARD.handshakeDeadline().toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        // Then
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void theDeadlineEndsWithTheHandshake() throws InterruptedException {
        // Given
        send(channel, ClientBytes.flags());
        send(channel, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // When
        channel.advanceTimeBy(Limits.STANDARD.handshakeDeadline().toMillis() * 2, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();

        // Then
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void anExportThatDoesNotOpenIsRefused() {
        // Given
        Refusal refusal = new Refusal(Refusal.Reason.SHUTDOWN, "later");
        EmbeddedChannel other = connect(new ClosedExport(export, refusal));
        send(other, ClientBytes.flags());
        received(other);

        // When
        send(other, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // Then the client may go on, with another export or with goodbye
        assertThat(received(other))
                .isEqualTo(Hex.bytes("0003E889045565A9 00000007 80000007 00000005 6C61746572 # later"));
        send(other, ClientBytes.option(new Option.Abort()));
        assertThat(received(other)).isEqualTo(Hex.bytes("0003E889045565A9 00000002 00000001 00000000"));
        other.finishAndReleaseAll();
    }

    @Test
    void withoutMemoryNoClientIsLetIn() {
        // Given
        PayloadBudget none = new PayloadBudget(1);
        EmbeddedChannel other = connect(export, none);
        send(other, ClientBytes.flags());
        received(other);

        // When
        send(other, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // Then
        assertThat(received(other)).startsWith(Hex.bytes("0003E889045565A9 00000007 80000002 # NBD_REP_ERR_POLICY"));
        assertThat(export.waiting()).isZero();
        other.finishAndReleaseAll();
    }

    @Test
    void aStoppingServerSaysSo() {
        // Given
        send(channel, ClientBytes.flags());
        received(channel);
        channel.pipeline().fireUserEventTriggered(ConnectionEvent.SERVER_STOPS);

        // When
        send(channel, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // Then
        assertThat(received(channel))
                .startsWith(Hex.bytes("0003E889045565A9 00000007 80000007 # NBD_REP_ERR_SHUTDOWN"));
        assertThat(export.waiting()).isZero();
    }

    @Test
    void aClientThatGoesAfterTheHandshakeIsLost() throws InterruptedException {
        // Given
        send(channel, ClientBytes.flags());
        send(channel, ClientBytes.option(new Option.Go(DISK, Set.of())));

        // When
        channel.finishAndReleaseAll();

        // Then
        assertThat(export.next(Asked.Closed.class).ending()).isEqualTo(Ending.LOST);
    }

    private EmbeddedChannel connect(Export disk) {
        return connect(disk, budget);
    }

    private static EmbeddedChannel connect(Export disk, PayloadBudget memory) {
        return connect(disk, memory, whatever -> {});
    }

    private static EmbeddedChannel connect(Export disk, PayloadBudget memory, Consumer<EmbeddedChannel> whenOver) {
        EmbeddedChannel channel = new EmbeddedChannel();
        Terms terms = new Terms(
                new RamDirectory(disk),
                new TlsOffer.None(),
                true,
                Limits.STANDARD,
                memory,
                new Turns(),
                new Complaints());
        ChannelHandler handler =
                new HandshakeHandler(channel, terms, new ReceiveAllocator(), () -> whenOver.accept(channel));
        channel.pipeline().addLast(handler);
        channel.pipeline().fireChannelActive();
        return channel;
    }

    private static void send(EmbeddedChannel channel, byte... bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes));
        }
    }

    private static byte[] received(EmbeddedChannel channel) {
        channel.runPendingTasks();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }

    private record ClosedExport(Export like, Refusal refusal) implements Export {
        @Override
        public ExportInfo info() {
            return like.info();
        }

        @Override
        public Opening open(Client client) {
            return new Refused(refusal);
        }
    }
}
