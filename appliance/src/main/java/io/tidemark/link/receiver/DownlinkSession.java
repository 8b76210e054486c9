package io.tidemark.link.receiver;

import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.Downlink;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.Introduction;
import io.tidemark.link.Resume;
import io.tidemark.link.Site;
import io.tidemark.link.Standing;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.protocol.ProtocolViolation;
import io.tidemark.link.transport.Connection;
import io.tidemark.term.Claim;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session of a receiver. Its stage and its connections belong to the registry's loop.
 *
 * <pre>
 *   Asking --welcome--> Welcomed --START--> Started
 *      +-------------------+-------------------+--> Over
 * </pre>
 */
final class DownlinkSession implements Downlink {

    private static final Logger LOG = LoggerFactory.getLogger(DownlinkSession.class);

    private sealed interface Stage {

        /** The receiver looks up what it has. */
        record Asking() implements Stage {
            Welcomed welcome(Message.Welcome welcome) {
                return new Welcomed(welcome);
            }
        }

        /** The sender compares it with what it has. */
        record Welcomed(Message.Welcome welcome) implements Stage {
            Started start() {
                return new Started(welcome);
            }
        }

        record Started(Message.Welcome welcome) implements Stage {}

        record Over() implements Stage {}
    }

    private final Message.Hello hello;
    private final int version;
    private final Site receiver;
    private final Delivery delivery;
    private final Executor registry;
    private final CreditGauge gauge = new CreditGauge();
    private final NewestAck newestAck;
    private final Connection first;
    private final Map<Integer, Lane> lanes = new HashMap<>();
    private final List<Lane> waiting = new ArrayList<>();
    private final List<Claim> untold = new ArrayList<>(); // until the sender is welcome
    private final AtomicInteger unanswered = new AtomicInteger();
    private final LongAdder strays = new LongAdder();
    private Stage stage = new Stage.Asking();

    /** @param hello of the first connection, whose lane this is */
    DownlinkSession(Message.Hello hello, Lane lane, Site receiver, Delivery delivery, Executor registry) {
        this.hello = hello;
        this.version = hello.versions().common(Message.Versions.OURS).orElseThrow(); // else nobody would have asked
        this.receiver = receiver;
        this.delivery = delivery;
        this.registry = registry;
        this.first = lane.connection();
        this.newestAck = new NewestAck(lane.connection());
        lanes.put(0, lane);
    }

    @Override
    public Introduction introduction() {
        return new Introduction(hello.site(), hello.lineage(), hello.session());
    }

    @Override
    public void welcome(Resume resume, Credit credit) {
        Standing standing = new Standing(receiver, resume, credit);
        registry.execute(() -> {
            if (stage instanceof Stage.Asking asking) {
                gauge.announce(credit);
                Stage.Welcomed welcomed = asking.welcome(new Message.Welcome(version, standing));
                become(welcomed);
                lanes.values().forEach(first -> first.welcome(this, welcomed.welcome()));
                send(List.copyOf(untold));
                untold.clear();
            }
        });
    }

    @Override
    public void acknowledge(Ack ack) {
        gauge.announce(ack.credit());
        newestAck.offer(ack);
    }

    @Override
    public void tell(List<Claim> claims) {
        if (!hasTerms()) {
            return;
        }
        registry.execute(() -> {
            switch (stage) {
                case Stage.Asking early -> untold.addAll(claims);
                case Stage.Welcomed welcomed -> send(claims);
                case Stage.Started started -> send(claims);
                case Stage.Over over -> {}
            }
        });
    }

    @Override
    public void answer(long question, BitSet equal) {
        unanswered.decrementAndGet();
        long[] blocks = equal.toLongArray();
        first.loop().execute(() -> first.send(new Message.Equal(question, blocks.length == 0 ? 0 : blocks[0])));
    }

    @Override
    public void refuse(ErrorCode code, String message) {
        registry.execute(() -> end(new Ending.Refused(code, message)));
    }

    @Override
    public void close() {
        registry.execute(() -> end(new Ending.Closed()));
    }

    CreditGauge gauge() {
        return gauge;
    }

    /** Tells the receiver that its sender is there. */
    void open() {
        LOG.info(
                "session {} of journal {} from {}",
                hello.session(),
                hello.lineage(),
                hello.site().name());
        delivery.opened(this);
    }

    /** Adds one of the other connections, if it belongs here; it is welcomed once the session has started. */
    boolean join(Message.Hello other, Lane lane) {
        int place = other.place().connection();
        if (!other.equals(hello.on(place)) || lanes.containsKey(place)) {
            return false;
        }
        switch (stage) {
            case Stage.Asking early -> waiting.add(lane);
            case Stage.Welcomed early -> waiting.add(lane);
            case Stage.Started started -> lane.welcome(this, started.welcome());
            case Stage.Over over -> {
                return false;
            }
        }
        lanes.put(place, lane);
        return true;
    }

    boolean has(Lane lane) {
        return lanes.containsValue(lane);
    }

    boolean isOver() {
        return stage instanceof Stage.Over;
    }

    /** Ends all connections and tells the receiver. The first ending counts. */
    void end(Ending ending) {
        if (isOver()) {
            return;
        }
        LOG.info("session {} of journal {} ended: {}", hello.session(), hello.lineage(), ending);
        if (strays.sum() > 0) {
            LOG.warn("session {}: {} ranges of other sessions were dropped", hello.session(), strays.sum());
        }
        become(new Stage.Over());
        lanes.values().forEach(lane -> lane.end(ending));
        delivery.ended(ending);
    }

    /** START has come. On the first connection's loop: ranges that follow it there are delivered after it. */
    void onStart(Sequence first) {
        delivery.started(first);
        registry.execute(() -> {
            if (stage instanceof Stage.Welcomed welcomed) {
                become(welcomed.start());
                waiting.forEach(lane -> lane.welcome(this, welcomed.welcome()));
                waiting.clear();
            }
        });
    }

    /** A range of another session was dropped. On any loop. */
    void onStray() {
        strays.increment();
    }

    /** A range has come whole. On any loop. */
    void takeRange(IncomingRange range) {
        delivery.takeRange(range);
    }

    /** Whether both sides know of terms. On any loop. */
    boolean hasTerms() {
        return Message.Versions.hasTerms(version);
    }

    /** Whether both sides know of comparisons. On any loop. */
    boolean hasComparisons() {
        return Message.Versions.hasComparisons(version);
    }

    /** Whether it is the connection that the session began on. On any loop. */
    boolean beganOn(Connection connection) {
        return first.equals(connection);
    }

    /** TERM has come. On the first connection's loop. */
    void onClaim(Claim claim) {
        delivery.claimed(claim);
    }

    /** COMPARE has come. On the first connection's loop. */
    void onCompare(Message.Compare compare) {
        if (unanswered.incrementAndGet() > Comparison.UNANSWERED_MAX) {
            throw new ProtocolViolation("COMPARE before " + Comparison.UNANSWERED_MAX + " others were answered");
        }
        delivery.compared(compare.number(), compare.comparison());
    }

    /** The first connection takes more again. On its loop. */
    void onWritable() {
        newestAck.send();
    }

    /** Behind WELCOME, which takes the same way. */
    private void send(List<Claim> claims) {
        first.loop().execute(() -> claims.forEach(claim -> first.send(new Message.Told(claim))));
    }

    private void become(Stage next) {
        LOG.debug("session {}: {}", hello.session(), next.getClass().getSimpleName());
        stage = next;
    }
}
