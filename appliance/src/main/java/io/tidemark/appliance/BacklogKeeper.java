package io.tidemark.appliance;

import io.tidemark.events.EventLog;
import io.tidemark.intake.JournalIntake;
import io.tidemark.intake.Registration;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.TimedOwner;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.ship.GivenUp;
import io.tidemark.ship.GivenUpFile;
import io.tidemark.ship.JournalSender;
import io.tidemark.ship.Shipper;
import io.tidemark.ship.TrackedFile;
import io.tidemark.volume.Applier;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up what a journal has for its peer before it is full of it. The shipper's thread.
 *
 * <p>In this order: the intake remembers what was changed; it is durably known which records were given up; the shipper lets go of them. It looks
 * whenever the journal has grown, and at intervals, so that a fast disk does not fill it up between two looks.
 */
public final class BacklogKeeper {

    /**
     * What a keeper is made of.
     *
     * @param intake not asked for before the start
     * @param sender where the journal goes now
     * @param owner the shipper's
     * @param boot the kernel's boot id
     */
    public record Parts(
            Journal journal,
            Supplier<JournalIntake> intake,
            Supplier<JournalSender> sender,
            Applier applier,
            GivenUpFile file,
            TrackedFile tracked,
            TimedOwner owner,
            UUID boot,
            String peer,
            EventLog events) {}

    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger(BacklogKeeper.class);

    private final Parts parts;
    private final Journal journal;
    private final BacklogLimit limit;
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean stuck; // the last attempt has failed, and what it was to make room for is still so
    private volatile boolean closed;
    private Optional<GivenUp> givenUp; // from here on: the owner's
    private boolean started;
    private boolean busy;

    public BacklogKeeper(Parts parts, Optional<GivenUp> givenUp, BacklogLimit limit) {
        this.parts = parts;
        this.journal = parts.journal();
        this.givenUp = givenUp;
        this.limit = limit;
    }

    /** Looks from now on whether the limit is met. Any thread. */
    public void start() {
        parts.owner().execute(() -> {
            started = true;
            lookAgain();
        });
    }

    /** The journal has grown. Any thread; cheap when it is called often. */
    public void wake() {
        if (limit.gives() && woken.compareAndSet(false, true)) {
            parts.owner().execute(() -> {
                woken.set(false);
                look();
            });
        }
    }

    public void close() {
        closed = true;
    }

    /** The records that were given up last. */
    public Optional<GivenUp> givenUp() {
        return givenUp;
    }

    /** Whether a full journal will soon have room, as far as that is for this to see to. Any thread. */
    public boolean makesRoom() {
        return limit.gives()
                && !closed
                && !stuck
                && !parts.applier().waitsForSpace()
                && parts.sender().get() instanceof Shipper;
    }

    private void lookAgain() {
        if (!closed) {
            look();
            parts.owner().after(INTERVAL, this::lookAgain);
        }
    }

    private void look() {
        if (!started || closed || busy || journal.fault().isPresent()) {
            return;
        }
        try {
            if (!(parts.sender().get() instanceof Shipper shipper) || !limit.isTight(journal)) {
                stuck = false; // a plain NBD server cannot go on behind a hole
            } else if (limit.isWorthIt(journal, shipper.held(), parts.applier().applied())) {
                giveUp(shipper.canGoOnFrom());
            } else {
                parts.applier().forceSoon(); // what is not in the volumes stays, whatever is given up
            }
        } catch (Fault fault) {
            LOG.warn("journal={}: how much of it the peer lacks is not known: {}", journal.id(), fault.toString());
        }
    }

    private void giveUp(Sequence from) {
        busy = true;
        CompletableFuture<Boolean> done = parts.intake()
                .get()
                .giveUpBacklog(from, parts.boot())
                .thenApplyAsync(
                        answer -> {
                            if (answer instanceof Registration.Done at) {
                                letGo(from, at.at());
                                return true;
                            }
                            return false;
                        },
                        parts.owner());
        var unused = done.whenCompleteAsync(
                (given, failure) -> {
                    busy = false;
                    stuck = failure != null || !given;
                    if (failure != null) {
                        LOG.warn("journal={}: nothing was given up: {}", journal.id(), failure.toString());
                    }
                },
                parts.owner());
    }

    private void letGo(Sequence from, Sequence to) {
        GivenUp now = GivenUp.of(journal, from, to, givenUp);
        try {
            Optional<Instant> since = parts.intake().get().trackedSince();
            if (since.isPresent()) {
                parts.tracked().write(since.get());
            }
            parts.file().write(now);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        givenUp = Optional.of(now);
        if (parts.sender().get() instanceof Shipper shipper) {
            shipper.giveUp(now);
        }
        parts.events()
                .warn(
                        "backlog-given-up",
                        parts.peer(),
                        "records " + from.next() + " to " + to.previous()
                                + " are not shipped, since the journal was filling up: what they changed is copied when the peer takes it");
    }
}
