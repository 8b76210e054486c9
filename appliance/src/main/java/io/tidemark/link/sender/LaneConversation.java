package io.tidemark.link.sender;

import io.netty.buffer.ByteBuf;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.SiteName;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import io.tidemark.link.transport.Connection;
import io.tidemark.link.transport.Conversation;
import io.tidemark.link.transport.PeerNames;
import io.tidemark.term.Claim;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The sender's side of one connection (docs/protocol.md, section 3).
 *
 * <pre>
 *   Silent --TLS, HELLO--> Greeting --WELCOME--> Welcomed --START--> Shipping
 *                             +------- WELCOME of the others -----------^
 * </pre>
 *
 * <p>It checks what can be checked here, and tells the session, on the session's owner.
 */
final class LaneConversation implements Conversation {

    /** What a session hears of its connections. On its owner. */
    interface Listener {

        /** A receiver is there, and it is the one that was asked for. */
        void onWelcome(LaneConversation lane, Connection connection, Message.Welcome welcome);

        void onAck(Ack ack);

        void onClaim(Claim claim);

        void onEqual(Message.Equal equal);

        void onRoundTrip(long nanos);

        void onWritable();

        void onLaneEnded(Ending ending);
    }

    private sealed interface Stage {
        record Silent() implements Stage {
            Greeting greet(Connection connection) {
                return new Greeting(connection);
            }
        }

        record Greeting(Connection connection) implements Stage {
            Welcomed welcomed() {
                return new Welcomed(connection);
            }
        }

        record Welcomed(Connection connection) implements Stage {
            Shipping ship() {
                return new Shipping();
            }
        }

        record Shipping() implements Stage {}
    }

    private final Message.Hello hello;
    private final SiteName peer;
    private final Executor owner;
    private final Listener session;
    private Stage stage = new Stage.Silent();
    private int version; // once the receiver has said it

    LaneConversation(Message.Hello hello, SiteName peer, Executor owner, Listener session) {
        this.hello = hello;
        this.peer = peer;
        this.owner = owner;
        this.session = session;
    }

    @Override
    public void onSecured(Connection connection, PeerNames names) {
        if (!names.include(peer)) {
            connection.end(unknown("the certificate there is of " + names + ", not of " + peer));
        } else if (stage instanceof Stage.Silent silent) {
            stage = silent.greet(connection);
            connection.send(hello);
        }
    }

    @Override
    public void onMessage(Message.Subject message) {
        switch (message) {
            case Message.Welcome welcome -> onWelcome(welcome);
            case Message.Acknowledge acknowledge -> onAck(acknowledge.ack());
            case Message.Told told -> onTold(told.claim());
            case Message.Equal equal -> onEqual(equal);
            case Message.Hello unexpected -> throw new ProtocolViolation("HELLO from a receiver");
            case Message.Start unexpected -> throw new ProtocolViolation("START from a receiver");
            case Message.Compare unexpected -> throw new ProtocolViolation("COMPARE from a receiver");
        }
    }

    /** Begins to ship on the first connection. Any thread, once, after its WELCOME. */
    void start(Connection connection, Sequence first) {
        connection.loop().execute(() -> {
            if (stage instanceof Stage.Welcomed welcomed) {
                ship(welcomed, true);
                connection.send(new Message.Start(first));
            }
        });
    }

    @Override
    public Optional<ByteBuf> place(RangeHeader range) {
        throw new ProtocolViolation("RANGE from a receiver");
    }

    @Override
    public void takeRange(RangeHeader range, ByteBuf records) {
        records.release();
        throw new ProtocolViolation("RANGE from a receiver");
    }

    @Override
    public void onWritable() {
        owner.execute(session::onWritable);
    }

    @Override
    public void onRoundTrip(long nanos) {
        owner.execute(() -> session.onRoundTrip(nanos));
    }

    @Override
    public void onEnded(Ending ending) {
        owner.execute(() -> session.onLaneEnded(ending));
    }

    private void onWelcome(Message.Welcome welcome) {
        if (!(stage instanceof Stage.Greeting greeting)) {
            throw new ProtocolViolation("WELCOME out of turn");
        }
        if (!hello.versions().include(welcome.version())) {
            throw new ProtocolViolation("WELCOME in version " + welcome.version());
        }
        SiteName there = welcome.standing().receiver().name();
        if (!there.equals(peer)) {
            greeting.connection().end(unknown("the site there is " + there + ", not " + peer));
            return;
        }
        Stage.Welcomed welcomed = greeting.welcomed();
        stage = welcomed;
        if (!hello.place().isFirst()) {
            ship(welcomed, false);
        }
        version = welcome.version();
        owner.execute(() -> session.onWelcome(this, welcomed.connection(), welcome));
    }

    private void onAck(Ack ack) {
        if (!(stage instanceof Stage.Shipping) || !hello.place().isFirst()) {
            throw new ProtocolViolation("ACK out of place");
        }
        owner.execute(() -> session.onAck(ack));
    }

    private void onTold(Claim claim) {
        boolean early = stage instanceof Stage.Silent || stage instanceof Stage.Greeting;
        if (early || !hello.place().isFirst() || !Message.Versions.hasTerms(version)) {
            throw new ProtocolViolation("TERM out of place");
        }
        owner.execute(() -> session.onClaim(claim));
    }

    private void onEqual(Message.Equal equal) {
        if (!(stage instanceof Stage.Shipping)
                || !hello.place().isFirst()
                || !Message.Versions.hasComparisons(version)) {
            throw new ProtocolViolation("EQUAL out of place");
        }
        owner.execute(() -> session.onEqual(equal));
    }

    private void ship(Stage.Welcomed welcomed, boolean measures) {
        stage = welcomed.ship();
        welcomed.connection().ship(measures);
    }

    private static Ending unknown(String message) {
        return new Ending.Refused(ErrorCode.UNKNOWN_SITE, message);
    }
}
