package io.tidemark.target;

import io.tidemark.events.EventLog;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.TimedOwner;
import io.tidemark.link.Comparison;
import io.tidemark.link.Uplink;
import io.tidemark.link.pace.Backoff;
import io.tidemark.link.pace.TokenBucket;
import io.tidemark.nbd.client.Destination;
import io.tidemark.ship.JournalSender;
import io.tidemark.ship.ShipStatus;
import io.tidemark.ship.ShipStatus.Phase;
import io.tidemark.ship.Throughput;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ships one journal to an NBD server, from where the target is to what is durable here, for as long as it lives.
 *
 * <p>Where the target is, is kept here and never ahead of a flush that the target has answered: after any break or crash everything
 * behind it is written again, in whatever way, up to a later one. In between the target holds no point (docs/decisions/0006). Its own
 * thread.
 *
 * <pre>
 *   WAITING --> DIALLING --all disks are open--> SHIPPING
 *      ^            |                               |
 *      +--back-off--+------a connection ends--------+    the journal cannot be read --> STOPPED
 * </pre>
 */
public final class TargetSender implements JournalSender {

    private static final Logger LOG = LoggerFactory.getLogger(TargetSender.class);

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    /** Where a disk is kept. */
    @FunctionalInterface
    public interface Destinations {
        Destination of(Vm vm, Disk disk);
    }

    /**
     * What a sender is made of.
     *
     * @param files of this journal, where its position is kept
     */
    public record Parts(
            String peer,
            Journal journal,
            TimedOwner owner,
            TargetDialer dialer,
            Destinations destinations,
            SmallFiles files,
            EventLog events,
            RandomGenerator random,
            LongSupplier nanoTime) {}

    /** How fast it may go, and what it goes through: for all sessions. */
    record Pace(Optional<TokenBucket> bucket, ByteBuffer scratch) {}

    private final Parts parts;
    private final TargetSettings settings;
    private final Consumer<Sequence> whenReplicated;
    private final PositionFile file;
    private final Hold hold;
    private final Backoff backoff;
    private final Pace pace;
    private final Throughput throughput;
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile ShipStatus status;
    private volatile TargetStatus target;

    private Phase phase = Phase.WAITING; // from here on: the owner's
    private String problem = "";
    private Position position;
    private boolean writing;
    private Sequence sent;
    private Sequence toReach;
    private long reachSince;
    private boolean behind;
    private long rounds;
    private long bytes;
    private @Nullable TargetSession session;

    /** @param whenReplicated is told up to where the target has everything durably, on the sender's thread */
    public TargetSender(Parts parts, TargetSettings settings, Consumer<Sequence> whenReplicated) throws IOException {
        this.parts = parts;
        this.settings = settings;
        this.whenReplicated = whenReplicated;
        this.file = new PositionFile(parts.files());
        PositionFile.Content kept = file.read();
        this.position = kept.position();
        this.writing = kept.writing();
        this.sent = position.at();
        this.toReach = position.at();
        if (position.at().isBefore(parts.journal().trimmed())) {
            throw new IOException(parts.files() + ": the target has everything up to record " + position.at()
                    + ", and the journal has forgotten those up to "
                    + parts.journal().trimmed());
        }
        this.hold = parts.journal().hold("ship to " + parts.peer(), position.at());
        this.backoff = new Backoff(settings.firstDelay(), settings.longestDelay(), parts.random());
        long now = parts.nanoTime().getAsLong();
        this.pace = new Pace(
                settings.rateBytesPerSecond().stream()
                        .mapToObj(rate -> new TokenBucket(
                                rate, Math.max(1, rate * settings.rateBurst().toMillis() / 1000), now))
                        .findFirst(),
                ByteBuffer.allocateDirect(settings.requestBytesMax()));
        this.throughput = new Throughput(now);
        this.reachSince = now;
        this.status = statusNow();
        this.target = targetNow();
    }

    @Override
    public void start() {
        parts.owner().execute(() -> {
            whenReplicated.accept(position.at());
            dial();
            look();
        });
    }

    @Override
    public void wake() {
        if (woken.compareAndSet(false, true)) {
            parts.owner().execute(() -> {
                woken.set(false);
                goOn();
            });
        }
    }

    @Override
    public void close() {
        phase = Phase.CLOSED;
        leave();
        publish();
    }

    @Override
    public void release() {
        hold.close();
    }

    @Override
    public ShipStatus status() {
        return status;
    }

    /** What the target holds. Any thread. */
    public TargetStatus target() {
        return target;
    }

    /** A server that is not there now is no reason. */
    @Override
    public CompletableFuture<Optional<String>> objection(Vm vm, List<Vm> known) {
        return new TargetRules(parts.dialer(), parts.destinations()).objection(vm, known);
    }

    /** An NBD server knows no such question. */
    @Override
    public boolean compares() {
        return NEVER.compares();
    }

    @Override
    public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
        return NEVER.compare(comparison);
    }

    private void dial() {
        if (phase == Phase.CLOSED || phase == Phase.STOPPED) {
            return;
        }
        phase = Phase.DIALLING;
        publish();
        TargetSession next = new TargetSession(parts, settings, pace, position, new Events());
        session = next;
        next.begin();
    }

    private void goOn() {
        TargetSession open = session;
        if (open != null && phase == Phase.SHIPPING) {
            open.goOn();
            publish();
        }
    }

    private void leave() {
        TargetSession open = session;
        if (open != null) {
            open.close();
            session = null;
        }
    }

    /** What a session tells. A session that is closed tells nothing more. */
    private final class Events implements TargetSession.Listener {

        @Override
        public void onUp() {
            phase = Phase.SHIPPING;
            problem = "";
            parts.events().info("link-up", parts.peer(), "shipping behind record " + position.at());
            publish();
        }

        @Override
        public void onWriting(Position to) throws IOException {
            if (!writing) {
                file.write(position, true);
                writing = true;
            }
            sent = to.at();
            publish();
        }

        @Override
        public void onReached(Position reached, long written) throws IOException {
            file.write(reached, false);
            position = reached;
            writing = false;
            sent = reached.at();
            rounds++;
            bytes += written;
            backoff.reset();
            throughput.add(written, parts.nanoTime().getAsLong());
            hold.advance(reached.at());
            whenReplicated.accept(reached.at());
            publish();
        }

        @Override
        public void onEnded(String why, boolean forGood) {
            session = null;
            phase = Phase.WAITING;
            sent = position.at();
            if (!why.equals(problem)) {
                if (forGood) {
                    parts.events().error("target-refused", parts.peer(), why);
                } else {
                    parts.events().warn("link-down", parts.peer(), why);
                }
            }
            problem = why;
            publish();
            parts.owner().after(backoff.next(), TargetSender.this::dial);
        }

        @Override
        public void onUnreadable(RuntimeException why) {
            LOG.error(
                    "journal={}: shipping stops behind record {}",
                    parts.journal().id(),
                    position.at(),
                    why);
            session = null;
            phase = Phase.STOPPED;
            problem = "the journal cannot be read: " + why.getMessage();
            parts.events().error("ship-stopped", parts.peer(), problem);
            publish();
        }
    }

    /** Looks from time to time whether the target is behind. */
    private void look() {
        if (phase == Phase.CLOSED) {
            return;
        }
        boolean late = behindFor().compareTo(settings.behindAfter()) >= 0;
        if (late && !behind) {
            parts.events()
                    .warn(
                            "target-behind",
                            parts.peer(),
                            "it has not caught up for " + behindFor().toSeconds() + " s, and is at record "
                                    + position.at());
        } else if (!late && behind) {
            parts.events().info("target-caught-up", parts.peer(), "it is at record " + position.at());
        }
        behind = late;
        publish();
        parts.owner().after(LOOK_INTERVAL, this::look);
    }

    /** How long it has not had all that was durable here at one moment. */
    private Duration behindFor() {
        if (position.at().compareTo(parts.journal().durable()) >= 0) {
            return Duration.ZERO;
        }
        return Duration.ofNanos(parts.nanoTime().getAsLong() - reachSince);
    }

    private void publish() {
        if (position.at().compareTo(toReach) >= 0) {
            toReach = parts.journal().durable();
            reachSince = parts.nanoTime().getAsLong();
        }
        status = statusNow();
        target = targetNow();
    }

    private ShipStatus statusNow() {
        long inFlight = session == null ? 0 : session.inFlightBytes();
        return new ShipStatus(
                phase,
                problem,
                Optional.empty(),
                sent,
                position.at(),
                position.at(),
                Sequence.NONE,
                Duration.ZERO, // nobody is held back for an NBD server: TargetStatus says how far it is behind
                Duration.ZERO,
                (long) throughput.bytesPerSecond(parts.nanoTime().getAsLong()),
                1,
                settings.inFlightBytesMax(),
                bytes,
                0,
                0,
                new Uplink.Counters(rounds, bytes, bytes, inFlight, 0));
    }

    private TargetStatus targetNow() {
        return new TargetStatus(
                position.at(),
                Instant.EPOCH.plusNanos(position.timeNanos()),
                writing,
                behindFor(),
                session == null ? 0 : session.connections(),
                position.ledger().vms().stream()
                        .map(vm -> new TargetStatus.VmAtTarget(
                                vm.name(), writing ? TargetStatus.BETWEEN_POINTS : position.standing(vm)))
                        .toList());
    }
}
