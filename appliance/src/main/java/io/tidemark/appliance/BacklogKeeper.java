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
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up what a journal has for its peer before it is full of it. The shipper's thread.
 *
 * <p>In this order: the intake remembers what was changed; it is durably known which records were given up; the shipper lets go of them.
 */
final class BacklogKeeper {

    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger(BacklogKeeper.class);

    private final Journal journal;
    private final JournalIntake intake;
    private final Supplier<JournalSender> sender;
    private final Supplier<Sequence> applied;
    private final GivenUpFile file;
    private final BacklogLimit limit;
    private final TimedOwner owner;
    private final UUID boot;
    private final String peer;
    private final EventLog events;
    private Optional<GivenUp> givenUp;
    private boolean busy;
    private boolean closed;

    /**
     * @param applied the volumes have everything up to here
     * @param owner the shipper's
     * @param boot the kernel's boot id
     */
    BacklogKeeper(
            Journal journal,
            JournalIntake intake,
            Supplier<JournalSender> sender,
            Supplier<Sequence> applied,
            GivenUpFile file,
            Optional<GivenUp> givenUp,
            BacklogLimit limit,
            TimedOwner owner,
            UUID boot,
            String peer,
            EventLog events) {
        this.journal = journal;
        this.intake = intake;
        this.sender = sender;
        this.applied = applied;
        this.file = file;
        this.givenUp = givenUp;
        this.limit = limit;
        this.owner = owner;
        this.boot = boot;
        this.peer = peer;
        this.events = events;
    }

    /** Looks from now on whether the limit is met. */
    void start() {
        owner.execute(this::look);
    }

    void close() {
        closed = true;
    }

    /** The records that were given up last. */
    Optional<GivenUp> givenUp() {
        return givenUp;
    }

    private void look() {
        if (closed || journal.fault().isPresent()) {
            return;
        }
        try {
            if (!busy
                    && sender.get() instanceof Shipper shipper // a plain NBD server cannot go on behind a hole
                    && limit.isMet(journal, shipper.held(), applied.get())) {
                giveUp(shipper.canGoOnFrom());
            }
        } catch (Fault fault) {
            LOG.warn("journal={}: how much of it the peer lacks is not known: {}", journal.id(), fault.toString());
        }
        owner.after(INTERVAL, this::look);
    }

    private void giveUp(Sequence from) {
        busy = true;
        CompletableFuture<Void> done = intake.giveUpBacklog(from, boot)
                .thenAcceptAsync(
                        answer -> {
                            if (answer instanceof Registration.Done at) {
                                letGo(from, at.at());
                            }
                        },
                        owner);
        var unused = done.whenCompleteAsync(
                (nothing, failure) -> {
                    busy = false;
                    if (failure != null) {
                        LOG.warn("journal={}: nothing was given up: {}", journal.id(), failure.toString());
                    }
                },
                owner);
    }

    private void letGo(Sequence from, Sequence to) {
        GivenUp now = GivenUp.of(journal, from, to, givenUp);
        try {
            file.write(now);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
        givenUp = Optional.of(now);
        if (sender.get() instanceof Shipper shipper) {
            shipper.giveUp(now);
        }
        events.warn(
                "backlog-given-up",
                peer,
                "records " + from.next() + " to " + to.previous()
                        + " are not shipped, since the journal was filling up: what they changed is copied when the peer takes it");
    }
}
