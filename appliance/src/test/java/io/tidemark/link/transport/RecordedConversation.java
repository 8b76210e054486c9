package io.tidemark.link.transport;

import io.netty.buffer.ByteBuf;
import io.tidemark.link.Ending;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.RangeHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Keeps what it is told, and begins to ship at once. */
final class RecordedConversation implements Conversation {

    final CompletableFuture<Connection> connection = new CompletableFuture<>();
    final List<Message.Subject> messages = new ArrayList<>();
    final List<Long> roundTrips = new ArrayList<>();
    final List<Ending> endings = new ArrayList<>();
    private final boolean ships;

    RecordedConversation(boolean ships) {
        this.ships = ships;
    }

    @Override
    public void onSecured(Connection secured, PeerNames names) {
        connection.complete(secured);
        if (ships) {
            secured.ship(false);
        }
    }

    @Override
    public void onMessage(Message.Subject message) {
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

    @Override
    public void onWritable() {}

    @Override
    public void onRoundTrip(long nanos) {
        roundTrips.add(nanos);
    }

    @Override
    public void onEnded(Ending ending) {
        endings.add(ending);
    }
}
