package io.tidemark.link.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.LinkSettings;
import io.tidemark.link.Security;
import io.tidemark.link.TwoSites;
import io.tidemark.link.protocol.Encoder;
import io.tidemark.link.protocol.FrameAssembler;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.RangeHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One connection without a network, on a clock that the test moves. */
class ConnectionTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(false, false);
    private long nowNanos;

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void aHandshakeThatTakesTooLongIsOver() throws Exception {
        RecordedConversation conversation = open(false);

        pass(9);
        assertThat(conversation.endings).isEmpty();
        pass(1);

        assertThat(conversation.endings).containsExactly(new Ending.Lost("the handshake was not over within 10000 ms"));
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void silenceIsAskedAndThenEnds() throws Exception {
        RecordedConversation conversation = open(true);

        pass(5);
        assertThat(sent()).containsExactly(new Message.Ping(nowNanos));
        pass(9);
        assertThat(conversation.endings).isEmpty();
        pass(1);

        assertThat(conversation.endings).containsExactly(new Ending.Lost("silent for 15000 ms"));
    }

    @Test
    void anAnswerKeepsItAlive() throws Exception {
        // Given
        RecordedConversation conversation = open(true);
        pass(5);
        long token = nowNanos;
        pass(2);

        // When
        receive(new Message.Pong(token));

        // Then
        assertThat(conversation.roundTrips).containsExactly(TimeUnit.SECONDS.toNanos(2));
        pass(14);
        assertThat(conversation.endings).isEmpty();
    }

    @Test
    void aPingIsAnswered() throws Exception {
        open(true);

        receive(new Message.Ping(77));

        assertThat(sent()).containsExactly(new Message.Pong(77));
    }

    @Test
    void aPingInTheHandshakeBreaksTheRules() throws Exception {
        RecordedConversation conversation = open(false);

        receive(new Message.Ping(77));

        assertThat(conversation.endings)
                .containsExactly(new Ending.Refused(ErrorCode.PROTOCOL, "PING in the handshake"));
        assertThat(sent()).containsExactly(new Message.Failure(ErrorCode.PROTOCOL, "PING in the handshake"));
    }

    @Test
    void nothingIsHeardAfterTheLastMessage() throws Exception {
        // Given
        RecordedConversation conversation = open(true);

        // When
        channel.writeInbound(
                Unpooled.wrappedBuffer(encode(new Message.Bye()), encode(new Message.Start(new Sequence(1)))));

        // Then
        assertThat(conversation.endings).containsExactly(new Ending.PeerClosed());
        assertThat(conversation.messages).isEmpty();
    }

    @Test
    void theFirstEndingCounts() throws Exception {
        RecordedConversation conversation = open(true);

        conversation.connection.join().end(new Ending.Closed());
        conversation.connection.join().end(new Ending.Superseded());

        assertThat(conversation.endings).containsExactly(new Ending.Closed());
        assertThat(sent()).containsExactly(new Message.Bye());
    }

    private RecordedConversation open(boolean ships) throws Exception {
        RecordedConversation conversation = new RecordedConversation(ships);
        Loops loops = new Loops(
                new DefaultEventLoop(), NioSocketChannel.class, NioServerSocketChannel.class, channel.alloc());
        Endpoint endpoint = new Endpoint(
                loops,
                TwoSites.site(TwoSites.HERE),
                new Security.PlaintextOnLoopback(),
                LinkSettings.DEFAULTS,
                () -> nowNanos);
        channel.freezeTime();
        new Pipeline(endpoint, new Tls.Off(), () -> conversation).install(channel);
        channel.register();
        return conversation;
    }

    private void pass(long seconds) {
        for (long i = 0; i < seconds; i++) {
            nowNanos += TimeUnit.SECONDS.toNanos(1);
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private void receive(Message message) {
        channel.writeInbound(encode(message));
    }

    private static ByteBuf encode(Message message) {
        return Encoder.encode(message, PooledByteBufAllocator.DEFAULT);
    }

    /** What was sent since the last look. */
    private List<Message> sent() {
        List<Message> messages = new ArrayList<>();
        FrameAssembler assembler = new FrameAssembler(new FrameAssembler.Sink() {
            @Override
            public void onMessage(Message message) {
                messages.add(message);
            }

            @Override
            public Optional<ByteBuf> place(RangeHeader range) {
                return Optional.empty();
            }

            @Override
            public void takeRange(RangeHeader range, ByteBuf records) {
                records.release();
            }
        });
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            assembler.accept(bytes);
            bytes.release();
        }
        return messages;
    }
}
