package io.tidemark.ship;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Batch;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.TimedOwner;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Destination;
import io.tidemark.link.Dialer;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.Standing;
import io.tidemark.link.Uplink;
import io.tidemark.link.UplinkListener;
import io.tidemark.link.pace.Backoff;
import io.tidemark.link.pace.RangeCompressor;
import io.tidemark.ship.ShipStatus.Phase;
import io.tidemark.vm.Vm;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships one journal to one peer, from what the peer has to what is durable here, for as long as it lives.
 *
 * <p>Nothing is kept of a session that has ended: the next one goes on from what the receiver says it has. The journal
 * keeps what is not acknowledged as durable. Its own thread.
 */
public final class Shipper implements UplinkListener, JournalSender {

    private static final Logger LOG = LoggerFactory.getLogger(Shipper.class);

    /** What a shipper is made of. */
    public record Parts(
            Journal journal,
            TimedOwner owner,
            Dialer dialer,
            EventLog events,
            RandomGenerator random,
            LongSupplier nanoTime) {}

    /** A session in which ranges go. */
    private record Shipping(Uplink uplink, Supply supply) {}

    private final Parts parts;
    private final Destination destination;
    private final ShipSettings settings;
    private final Consumer<Sequence> whenReplicated;
    private final Hold hold;
    private final Packer packer;
    private final Backoff backoff;
    private final Pace pace;
    private final Lag lag;
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile ShipStatus status;
    private volatile boolean compares;
    private volatile OptionalInt peerSpeaks = OptionalInt.empty(); // the version of the newest session

    private Phase phase = Phase.WAITING; // from here on: the owner's
    private String problem = "";
    private Optional<ErrorCode> refusal = Optional.empty();
    private Optional<GivenUp> givenUp;
    private Sequence next = Sequence.NONE; // what the next range begins with
    private Sequence acknowledged = Sequence.NONE;
    private Optional<Ack> lastAck = Optional.empty();
    private long windowBytes;
    private long shippedBytes;
    private long mergedRanges;
    private long mergedAwayBytes;
    private Duration roundTrip = Duration.ZERO;
    private @Nullable Uplink uplink;
    private @Nullable Shipping shipping;
    private @Nullable Batch pending;

    /**
     * @param givenUp the records that were given up last
     * @param whenReplicated is told up to where the replica has everything durably, on the shipper's thread
     */
    public Shipper(
            Parts parts,
            Destination destination,
            ShipSettings settings,
            Optional<GivenUp> givenUp,
            Consumer<Sequence> whenReplicated) {
        this.parts = parts;
        this.givenUp = givenUp;
        this.destination = destination;
        this.settings = settings;
        this.whenReplicated = whenReplicated;
        this.hold = parts.journal()
                .hold(
                        "ship to " + destination.peer(),
                        Sequence.later(
                                parts.journal().trimmed(), destination.lineage().origin()));
        this.packer = new Packer(
                settings.compression(), new RangeCompressor(RangeCompressor.LEVEL_DEFAULT, parts.nanoTime()));
        this.backoff = new Backoff(settings.firstDelay(), settings.longestDelay(), parts.random());
        this.pace = new Pace(settings, parts.owner(), parts.nanoTime());
        this.lag = new Lag(settings.merging().after(), parts.nanoTime().getAsLong());
        this.status = statusNow();
    }

    @Override
    public void start() {
        parts.owner().execute(this::dial);
    }

    @Override
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            parts.owner().execute(this::pump);
        }
    }

    @Override
    public void close() {
        phase = Phase.CLOSED;
        Uplink open = uplink;
        if (open != null) {
            open.close();
        }
        leave();
        packer.close();
        publish();
    }

    @Override
    public void release() {
        hold.close();
    }

    /**
     * Does not ship these records any more, which is durably known, and lets go of them: they need not be in the journal. If they
     * are being shipped, another session begins behind them. Owner.
     */
    public void giveUp(GivenUp records) {
        givenUp = Optional.of(records);
        Shipping open = shipping;
        if (open != null && open.supply().position().next().isBefore(records.to())) {
            leave(); // the end of the session is told later, and nothing may be read until then that is gone
            open.uplink().close();
        }
        hold.advance(Sequence.later(hold.upTo(), records.to().previous()));
    }

    /** The records behind this one are kept for the peer. Any thread. */
    public Sequence held() {
        return hold.upTo();
    }

    /** A peer that has everything up to here or more can go on. Owner. */
    public Sequence canGoOnFrom() {
        return givenUp.filter(records -> hold.upTo().isBefore(records.to()))
                .map(GivenUp::from)
                .orElse(hold.upTo());
    }

    /** A peer that was not there yet is no reason. */
    @Override
    public CompletableFuture<Optional<String>> objection(Vm vm, List<Vm> known) {
        OptionalInt version = peerSpeaks;
        return CompletableFuture.completedFuture(
                version.isPresent()
                        ? EarlierRelease.objection(destination.peer().text(), version.getAsInt(), vm)
                        : Optional.empty());
    }

    @Override
    public boolean compares() {
        return compares;
    }

    @Override
    public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
        return CompletableFuture.completedFuture(comparison).thenComposeAsync(this::ask, parts.owner());
    }

    private CompletableFuture<Optional<BitSet>> ask(Comparison comparison) {
        Shipping open = shipping;
        return open == null
                ? CompletableFuture.completedFuture(Optional.empty())
                : open.uplink().compare(comparison);
    }

    @Override
    public ShipStatus status() {
        return status;
    }

    public Destination destination() {
        return destination;
    }

    @Override
    public Decision onStanding(Standing standing) {
        windowBytes = standing.credit().bytes();
        try {
            Decision decision =
                    new Continuity(parts.journal(), destination.lineage().origin(), givenUp).decide(standing.resume());
            switch (decision) {
                case Decision.Start start -> {
                    next = start.first();
                    replicated(standing.resume().last());
                }
                case Decision.Refuse refuse -> {}
            }
            return decision;
        } catch (Fault fault) {
            return new Decision.Refuse(ErrorCode.STORAGE, String.valueOf(fault.getMessage()));
        }
    }

    @Override
    public void onReady() {
        try {
            Sequence after = firstToSend().previous();
            shipping = new Shipping(
                    uplinkNow(), new Supply(parts.journal(), after, settings, lag, parts.nanoTime(), this::merged));
        } catch (Fault fault) {
            stop(fault);
            return;
        }
        phase = Phase.SHIPPING;
        peerSpeaks = OptionalInt.of(uplinkNow().version());
        problem = "";
        refusal = Optional.empty();
        parts.events().info("link-up", destination.peer().text(), "shipping from record " + next);
        pump();
    }

    @Override
    public void onWritable() {
        pump();
    }

    @Override
    public void onAck(Ack ack) {
        backoff.reset();
        lastAck = Optional.of(ack);
        windowBytes = ack.credit().bytes();
        replicated(ack.durable());
        measure();
        publish();
    }

    @Override
    public void onRoundTrip(long nanos) {
        roundTrip = Duration.ofNanos(nanos);
        measure();
        publish();
    }

    @Override
    public void onEnded(Ending ending) {
        leave();
        uplink = null;
        if (phase == Phase.CLOSED || phase == Phase.STOPPED) {
            publish();
            return;
        }
        phase = Phase.WAITING;
        tell(ending);
        problem = Endings.describe(ending);
        publish();
        Duration delay = ending instanceof Ending.KeysSpent ? Duration.ZERO : backoff.next();
        parts.owner().after(delay, this::dial);
    }

    private void dial() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.DIALLING;
        publish();
        pace.begin();
        uplink = parts.dialer().dial(destination, parts.owner(), this);
    }

    /** Ships as much as the link takes now. */
    private void pump() {
        woken.set(false);
        Shipping open = shipping;
        if (open == null) {
            return;
        }
        try {
            while (shipNext(open)) {
                // goes on until there is nothing more, or no room for it
            }
        } catch (RuntimeException unreadable) {
            stop(unreadable);
        }
        publish();
    }

    /** What is durable here cannot be shipped, now or later: nothing of it may be passed over. */
    private void stop(RuntimeException why) {
        LOG.error("journal={}: shipping stops behind record {}", parts.journal().id(), acknowledged, why);
        phase = Phase.STOPPED;
        problem = "the journal cannot be read: " + why.getMessage();
        parts.events().error("ship-stopped", destination.peer().text(), problem);
        uplinkNow().close();
        leave();
    }

    /** The replica keeps everything up to here. It may be less than it has said before: it lost what it had. */
    private void replicated(Sequence durable) {
        if (durable.isBefore(acknowledged)) {
            parts.events()
                    .error(
                            "replica-lost-records",
                            destination.peer().text(),
                            "it had records up to " + acknowledged + " durably, and has them up to " + durable
                                    + " now: they are shipped again");
        }
        acknowledged = durable;
        // One record less: its checksum is what the next session begins with.
        if (acknowledged.isAfter(Sequence.NONE)) {
            hold.advance(Sequence.later(hold.upTo(), acknowledged.previous()));
        }
        whenReplicated.accept(durable);
    }

    /** The first range of a session may lack its first records. */
    private Sequence firstToSend() {
        return givenUp.filter(records -> records.helps(next.previous()))
                .map(GivenUp::to)
                .orElse(next);
    }

    private boolean shipNext(Shipping open) {
        Optional<Batch> batch = Optional.ofNullable(pending).or(open.supply()::next);
        if (batch.isEmpty()) {
            return false;
        }
        pending = batch.get();
        if (!open.uplink().admits(batch.get().bytes()) || pace.isOver(this::pump)) {
            return false;
        }
        pending = null;
        OutgoingRange range =
                packer.takeBatch(batch.get(), pace.bytesPerSecond()).inPlaceOfAllFrom(next);
        next = range.last().next();
        pace.take(range.body().wireBytes());
        shippedBytes += range.bytes();
        open.uplink().takeRange(range);
        return true;
    }

    private void merged(long bytesLeftOut) {
        mergedRanges++;
        mergedAwayBytes += bytesLeftOut;
    }

    private void measure() {
        Uplink open = uplink;
        if (open != null) {
            pace.measure(open.counters());
        }
    }

    private void leave() {
        Shipping open = shipping;
        if (open != null) {
            open.supply().close();
            shipping = null;
            lag.isBehind(parts.nanoTime().getAsLong());
        }
        Batch unsent = pending;
        if (unsent != null) {
            unsent.lease().close();
            pending = null;
        }
    }

    private Uplink uplinkNow() {
        Uplink open = uplink;
        if (open == null) {
            throw new Fault("journal " + parts.journal().id() + ": no session");
        }
        return open;
    }

    /** Says once why a session is over, and loudly if no other session can be better. */
    private void tell(Ending ending) {
        String why = Endings.describe(ending);
        if (why.isEmpty() || why.equals(problem)) {
            return;
        }
        Optional<ErrorCode> forGood = Endings.refusalForGood(ending);
        if (forGood.isPresent()) {
            refusal = forGood;
            parts.events().error("ship-refused", destination.peer().text(), why);
        } else {
            parts.events().warn("link-down", destination.peer().text(), why);
        }
    }

    private void publish() {
        Shipping open = shipping;
        compares = open != null && open.uplink().compares();
        status = statusNow();
    }

    private ShipStatus statusNow() {
        Uplink open = uplink;
        Shipping now = shipping;
        return new ShipStatus(
                phase,
                problem,
                refusal,
                now == null ? acknowledged : now.supply().position(),
                lastAck.map(Ack::received).orElse(Sequence.NONE),
                acknowledged,
                lastAck.map(Ack::floor).orElse(Sequence.NONE),
                lag.of(parts.nanoTime().getAsLong()),
                roundTrip,
                (long) pace.bytesPerSecond(),
                packer.ratio(),
                windowBytes,
                shippedBytes,
                mergedRanges,
                mergedAwayBytes,
                open == null ? new Uplink.Counters(0, 0, 0, 0, 0) : open.counters());
    }
}
