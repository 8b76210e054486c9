package io.tidemark.link.sender;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Owner;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.SessionId;
import io.tidemark.link.SiteName;
import io.tidemark.link.Standing;
import io.tidemark.link.Uplink;
import io.tidemark.link.UplinkListener;
import io.tidemark.link.UplinkListener.Decision;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.transport.Connection;
import io.tidemark.link.transport.Conversation;
import io.tidemark.term.Claim;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session of a sender. All of it belongs to its owner.
 *
 * <pre>
 *   Seeking --route--> Calling --WELCOME, START--> Joining --WELCOME of the others--> Open
 *      +------------------+---------------------------+---------------------------------+--> Over
 * </pre>
 */
final class UplinkSession implements Uplink, LaneConversation.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(UplinkSession.class);

    private sealed interface Stage {

        /** Names are being resolved. */
        record Seeking() implements Stage {
            Calling call(Calls calls) {
                return new Calling(calls);
            }
        }

        /** The first connection is being made. */
        record Calling(Calls calls) implements Stage {
            Joining start(CreditWindow window) {
                return new Joining(calls, window);
            }
        }

        /** The others are. */
        record Joining(Calls calls, CreditWindow window) implements Stage {
            Open open(Lanes lanes) {
                return new Open(calls, window, lanes);
            }
        }

        record Open(Calls calls, CreditWindow window, Lanes lanes) implements Stage {}

        record Over() implements Stage {}
    }

    private final Message.Hello hello;
    private final SiteName peer;
    private final Owner owner;
    private final UplinkListener listener;
    private final long connectionBytesMax;
    private final List<Connection> joined = new ArrayList<>();
    private Stage stage = new Stage.Seeking();
    private final Questions questions = new Questions();
    private int version; // once the receiver has said it
    private OptionalInt refusedBytes = OptionalInt.empty();
    private long ranges;
    private long bytes;
    private long wireBytes;

    UplinkSession(Message.Hello hello, SiteName peer, Owner owner, UplinkListener listener, long connectionBytesMax) {
        this.hello = hello;
        this.peer = peer;
        this.owner = owner;
        this.listener = listener;
        this.connectionBytesMax = connectionBytesMax;
    }

    /** The way to the receiver was found. */
    void begin(Route route) {
        if (stage instanceof Stage.Seeking seeking) {
            Calls calls = new Calls(route, this::conversation, owner, this::end);
            become(seeking.call(calls));
            calls.callFirst();
        } else {
            route.tls().release();
        }
    }

    @Override
    public SessionId session() {
        return hello.session();
    }

    @Override
    public boolean admits(int rangeBytes) {
        owner.assertCurrent();
        boolean admitted = stage instanceof Stage.Open open
                && open.window().admits(rangeBytes)
                && open.lanes().isWritable();
        refusedBytes = admitted ? OptionalInt.empty() : OptionalInt.of(rangeBytes);
        return admitted;
    }

    @Override
    public void takeRange(OutgoingRange range) {
        owner.assertCurrent();
        switch (stage) {
            case Stage.Open open -> send(open, range);
            case Stage.Over over -> range.lease().close();
            case Stage.Seeking early -> refuse(range);
            case Stage.Calling early -> refuse(range);
            case Stage.Joining early -> refuse(range);
        }
    }

    @Override
    public void tell(List<Claim> claims) {
        owner.assertCurrent();
        if (stage instanceof Stage.Open) {
            if (Message.Versions.hasTerms(version)) {
                claims.forEach(claim -> joined.getFirst().send(new Message.Told(claim)));
            }
        } else if (!(stage instanceof Stage.Over)) {
            throw new Fault("session " + session() + ": a term before it is ready");
        }
    }

    @Override
    public int version() {
        owner.assertCurrent();
        if (version == 0) {
            throw new Fault("session " + session() + ": a version before the receiver has said it");
        }
        return version;
    }

    @Override
    public boolean compares() {
        owner.assertCurrent();
        return stage instanceof Stage.Open && Message.Versions.hasComparisons(version);
    }

    @Override
    public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
        if (!compares() || !questions.mayAsk()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<BitSet>> answer = new CompletableFuture<>();
        joined.getFirst().send(questions.ask(comparison, answer));
        return answer;
    }

    @Override
    public Counters counters() {
        owner.assertCurrent();
        return stage instanceof Stage.Open open
                ? new Counters(
                        ranges,
                        bytes,
                        wireBytes,
                        open.window().usedBytes(),
                        open.lanes().queuedBytes())
                : new Counters(ranges, bytes, wireBytes, 0, 0);
    }

    @Override
    public void close() {
        owner.assertCurrent();
        end(new Ending.Closed());
    }

    @Override
    public void onWelcome(LaneConversation lane, Connection connection, Message.Welcome welcome) {
        switch (stage) {
            case Stage.Calling calling -> decide(calling, lane, connection, welcome);
            case Stage.Joining joining -> join(joining, connection);
            case Stage.Seeking impossible -> throw new Fault("session " + session() + ": WELCOME before HELLO");
            case Stage.Open impossible -> throw new Fault("session " + session() + ": one connection too many");
            case Stage.Over over -> {}
        }
    }

    @Override
    public void onAck(Ack ack) {
        switch (stage) {
            case Stage.Joining joining -> receive(joining.window(), ack);
            case Stage.Open open -> receive(open.window(), ack);
            case Stage.Seeking impossible -> throw new Fault("session " + session() + ": ACK before HELLO");
            case Stage.Calling impossible -> throw new Fault("session " + session() + ": ACK before START");
            case Stage.Over over -> {}
        }
    }

    @Override
    public void onClaim(Claim claim) {
        if (!(stage instanceof Stage.Over)) {
            listener.onClaim(claim);
        }
    }

    @Override
    public void onEqual(Message.Equal equal) {
        if (stage instanceof Stage.Over) {
            return;
        }
        try {
            questions.answered(equal);
        } catch (ProtocolViolation violation) {
            end(new Ending.Refused(ErrorCode.PROTOCOL, violation.what()));
        }
    }

    @Override
    public void onRoundTrip(long nanos) {
        if (!(stage instanceof Stage.Over)) {
            listener.onRoundTrip(nanos);
        }
    }

    @Override
    public void onWritable() {
        if (refusedBytes.isPresent() && admits(refusedBytes.getAsInt())) {
            listener.onWritable();
        }
    }

    @Override
    public void onLaneEnded(Ending ending) {
        end(ending);
    }

    private Conversation conversation(int number) {
        return new LaneConversation(hello.on(number), peer, owner, this);
    }

    private void decide(Stage.Calling calling, LaneConversation lane, Connection connection, Message.Welcome welcome) {
        Standing standing = welcome.standing();
        version = welcome.version();
        switch (listener.onStanding(standing)) {
            case Decision.Refuse refuse -> end(new Ending.Refused(refuse.code(), refuse.message()));
            case Decision.Start start when stage instanceof Stage.Over -> {} // closed by the listener meanwhile
            case Decision.Start start -> {
                Sequence resume = standing.resume().last();
                Stage.Joining joining = calling.start(new CreditWindow(standing.credit(), resume, start.first()));
                become(joining);
                lane.start(connection, start.first());
                calling.calls().callOthers(hello.place().connections());
                join(joining, connection);
            }
        }
    }

    private void join(Stage.Joining joining, Connection connection) {
        joined.add(connection);
        if (joined.size() == hello.place().connections()) {
            become(joining.open(new Lanes(joined)));
            listener.onReady();
        }
    }

    private void receive(CreditWindow window, Ack ack) {
        try {
            window.onAck(ack);
        } catch (ProtocolViolation violation) {
            end(new Ending.Refused(ErrorCode.PROTOCOL, violation.what()));
            return;
        }
        listener.onAck(ack);
        onWritable();
    }

    private void send(Stage.Open open, OutgoingRange range) {
        LeasedFrame frame = LeasedFrame.take(session(), range, joined.getFirst().allocator());
        try {
            open.window().onSend(range.first(), range.last(), range.bytes());
        } catch (Fault fault) {
            frame.release();
            throw fault;
        }
        ranges++;
        bytes += range.bytes();
        wireBytes += frame.readableBytes();
        open.lanes().takeFrame(frame);
        if (open.lanes().sentBytesMax() >= connectionBytesMax) {
            end(new Ending.KeysSpent());
        }
    }

    private void refuse(OutgoingRange range) {
        range.lease().close();
        throw new Fault("session " + session() + ": range from " + range.first() + " before it is ready");
    }

    private void end(Ending ending) {
        Stage before = stage;
        become(new Stage.Over());
        questions.end();
        switch (before) {
            case Stage.Over over -> {}
            case Stage.Seeking seeking -> tellEnded(ending);
            case Stage.Calling calling -> end(calling.calls(), ending);
            case Stage.Joining joining -> end(joining.calls(), ending);
            case Stage.Open open -> end(open.calls(), ending);
        }
    }

    private void end(Calls calls, Ending ending) {
        tellEnded(ending);
        calls.end(ending);
    }

    /** Later, since it may be the listener who ends the session. */
    private void tellEnded(Ending ending) {
        LOG.info("session {} of journal {} to {} ended: {}", session(), hello.lineage(), peer, ending);
        owner.execute(() -> listener.onEnded(ending));
    }

    private void become(Stage next) {
        LOG.debug("session {}: {}", session(), next.getClass().getSimpleName());
        stage = next;
    }
}
