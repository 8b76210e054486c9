package io.tidemark.link.receiver;

import io.netty.buffer.ByteBuf;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.protocol.RangeHeader;
import io.tidemark.link.transport.Connection;
import io.tidemark.link.transport.Conversation;
import io.tidemark.link.transport.PeerNames;
import io.tidemark.term.Claim;
import java.util.Optional;

/**
 * The receiver's side of one connection (docs/protocol.md, section 3).
 *
 * <pre>
 *   Unknown --TLS--> Secured --HELLO--> Asking --WELCOME--> Welcomed --START--> Shipping
 *                                          +-------- WELCOME of the others --------^
 * </pre>
 *
 * <p>It checks what can be checked here; which session the connection belongs to is the registry's to say.
 */
final class LaneReception implements Conversation {

    private sealed interface Stage {
        record Unknown() implements Stage {
            Secured secure(Connection connection, PeerNames names) {
                return new Secured(connection, names);
            }
        }

        record Secured(Connection connection, PeerNames names) implements Stage {
            Asking ask(Message.Place place) {
                return new Asking(connection, place);
            }
        }

        record Asking(Connection connection, Message.Place place) implements Stage {
            Welcomed welcomed(DownlinkSession session) {
                return new Welcomed(connection, session);
            }
        }

        record Welcomed(Connection connection, DownlinkSession session) implements Stage {
            Shipping ship(Inflater inflater) {
                return new Shipping(connection, session, inflater);
            }
        }

        record Shipping(Connection connection, DownlinkSession session, Inflater inflater) implements Stage {}
    }

    private final SessionRegistry registry;
    private Stage stage = new Stage.Unknown();

    LaneReception(SessionRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void onSecured(Connection connection, PeerNames names) {
        if (stage instanceof Stage.Unknown unknown) {
            stage = unknown.secure(connection, names);
        }
    }

    @Override
    public void onMessage(Message.Subject message) {
        switch (message) {
            case Message.Hello hello -> onHello(hello);
            case Message.Start start -> onStart(start.first());
            case Message.Told told -> onTold(told.claim());
            case Message.Compare compare -> onCompare(compare);
            case Message.Welcome unexpected -> throw new ProtocolViolation("WELCOME from a sender");
            case Message.Acknowledge unexpected -> throw new ProtocolViolation("ACK from a sender");
            case Message.Equal unexpected -> throw new ProtocolViolation("EQUAL from a sender");
        }
    }

    /** Answers HELLO. The first connection then waits for START, any other ships. */
    void welcome(DownlinkSession session, Message.Welcome welcome) {
        if (stage instanceof Stage.Asking asking) {
            Stage.Welcomed welcomed = asking.welcomed(session);
            stage = welcomed;
            if (!asking.place().isFirst()) {
                ship(welcomed);
            }
            asking.connection().send(welcome);
        }
    }

    @Override
    public Optional<ByteBuf> place(RangeHeader range) {
        Stage.Shipping shipping = shipping();
        if (!range.session().equals(shipping.session().introduction().session())) {
            shipping.session().onStray();
            return Optional.empty();
        }
        shipping.session().gauge().take(range);
        return Optional.of(shipping.connection().allocator().directBuffer(range.wireBytes(), range.wireBytes()));
    }

    @Override
    public void takeRange(RangeHeader range, ByteBuf wire) {
        Stage.Shipping shipping = shipping();
        DownlinkSession session = shipping.session();
        ByteBuf records =
                shipping.inflater().take(range, wire, shipping.connection().allocator());
        session.takeRange(new IncomingRange(
                new Range(
                        range.first(),
                        range.last(),
                        range.count(),
                        records.nioBuffer().asReadOnlyBuffer()),
                new RangeLease(range, records, session.gauge())));
    }

    @Override
    public void onWritable() {
        if (stage instanceof Stage.Shipping shipping) {
            shipping.session().onWritable();
        }
    }

    @Override
    public void onRoundTrip(long nanos) {}

    @Override
    public void onEnded(Ending ending) {
        switch (stage) {
            case Stage.Unknown unknown -> {}
            case Stage.Secured secured -> {}
            case Stage.Asking asking -> registry.onLaneEnded(new Lane(this, asking.connection()), ending);
            case Stage.Welcomed welcomed -> registry.onLaneEnded(new Lane(this, welcomed.connection()), ending);
            case Stage.Shipping shipping -> {
                shipping.inflater().close();
                registry.onLaneEnded(new Lane(this, shipping.connection()), ending);
            }
        }
    }

    private void onHello(Message.Hello hello) {
        if (!(stage instanceof Stage.Secured secured)) {
            throw new ProtocolViolation("HELLO out of turn");
        }
        Message.Versions theirs = hello.versions();
        if (theirs.common(Message.Versions.OURS).isEmpty()) {
            secured.connection()
                    .end(new Ending.Refused(
                            ErrorCode.VERSION,
                            "versions " + Message.Versions.OURS + " are spoken here, not " + theirs));
        } else if (!secured.names().include(hello.site().name())) {
            secured.connection()
                    .end(new Ending.Refused(
                            ErrorCode.UNKNOWN_SITE,
                            "the certificate is of " + secured.names() + ", not of "
                                    + hello.site().name()));
        } else {
            stage = secured.ask(hello.place());
            registry.join(new Lane(this, secured.connection()), hello);
        }
    }

    private void onStart(Sequence first) {
        if (!(stage instanceof Stage.Welcomed welcomed)) {
            throw new ProtocolViolation("START out of turn");
        }
        ship(welcomed);
        welcomed.session().onStart(first);
    }

    private void onTold(Claim claim) {
        DownlinkSession session = firstOfSession("TERM");
        if (!session.hasTerms()) {
            throw new ProtocolViolation("TERM out of place");
        }
        session.onClaim(claim);
    }

    private void onCompare(Message.Compare compare) {
        DownlinkSession session = firstOfSession("COMPARE");
        if (!session.hasComparisons()) {
            throw new ProtocolViolation("COMPARE out of place");
        }
        session.onCompare(compare);
    }

    /** The session, if this is the connection that it began on, and it ships. */
    private DownlinkSession firstOfSession(String what) {
        if (stage instanceof Stage.Shipping shipping && shipping.session().beganOn(shipping.connection())) {
            return shipping.session();
        }
        throw new ProtocolViolation(what + " out of place");
    }

    private void ship(Stage.Welcomed welcomed) {
        stage = welcomed.ship(new Inflater());
        welcomed.connection().ship(false);
    }

    private Stage.Shipping shipping() {
        if (stage instanceof Stage.Shipping shipping) {
            return shipping;
        }
        throw new ProtocolViolation("RANGE in the handshake");
    }
}
