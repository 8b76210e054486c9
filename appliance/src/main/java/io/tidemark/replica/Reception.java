package io.tidemark.replica;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Fault;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.Downlink;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.IncomingRange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One journal's sessions: takes ranges in order into the store, and acknowledges. The owner's.
 *
 * <p>Whatever a session leaves behind is durable before the next one is welcomed, so that it goes on from there.
 */
final class Reception {

    private static final Logger LOG = LoggerFactory.getLogger(Reception.class);

    private final ReplicaStore store;
    private final Journal journal;
    private final Credit credit;
    private final Comparisons comparisons;
    private final RangeOrder order = new RangeOrder();
    private @Nullable Downlink downlink;
    private Optional<AppendOutcome.Limit> full = Optional.empty();
    private boolean waitingForRoom;
    private boolean forcing;

    Reception(ReplicaStore store, Credit credit, Comparisons comparisons) {
        this.store = store;
        this.journal = store.journal();
        this.credit = credit;
        this.comparisons = comparisons;
        journal.onDurable(durable -> madeDurable());
    }

    /** Whether a sender is connected. */
    boolean connected() {
        return downlink != null;
    }

    /** What keeps ranges from being taken, if anything does. */
    Optional<AppendOutcome.Limit> full() {
        return full;
    }

    void opened(Downlink session) {
        downlink = session;
        if (full.isPresent()) {
            refuseFull(full.get());
            return;
        }
        journal.whenDurable(journal.appended(), () -> {
            if (session.equals(downlink)) {
                session.welcome(store.resume(), credit);
            }
        });
    }

    void starts(Sequence first) {
        if (!first.equals(expected())) {
            refuse(ErrorCode.PROTOCOL, "the first range would begin with " + first + ", not " + expected());
        }
    }

    void takeRange(IncomingRange range) {
        if (!order.take(range, expected())) {
            range.lease().close();
            refuse(ErrorCode.PROTOCOL, "range " + range.range().first() + " was sent before");
            return;
        }
        takeWhatFollows();
    }

    void compare(long question, Comparison comparison) {
        Downlink session = downlink;
        if (session != null) {
            comparisons.ask(session, question, comparison);
        }
    }

    void ended(Ending ending) {
        LOG.info("journal={} session over: {}", journal.id(), ending);
        comparisons.forget();
        downlink = null;
        order.clear();
    }

    /** The journal takes nothing any more: the sender must not believe that it ships. */
    void failed(Fault fault) {
        refuse(ErrorCode.STORAGE, String.valueOf(fault.getMessage()));
    }

    /** The sender may not ship any more. */
    void dismiss(String why) {
        refuse(ErrorCode.UNKNOWN_SITE, why);
    }

    /** The floor or the credit has changed. */
    void tell() {
        Downlink session = downlink;
        if (session != null) {
            Sequence durable = journal.durable();
            session.acknowledge(new Ack(journal.appended(), durable, store.floor(), credit));
        }
    }

    private Sequence expected() {
        return journal.appended().next();
    }

    private void takeWhatFollows() {
        boolean took = false;
        Optional<IncomingRange> next = order.next(expected());
        while (next.isPresent() && !waitingForRoom && append(next.get())) {
            took = true;
            next = order.next(expected());
        }
        if (took) {
            tell();
            force();
        }
    }

    /** Appends the range that is next; false when it has to wait, or the session is over for it. */
    private boolean append(IncomingRange range) {
        try {
            return switch (store.append(range.range())) {
                case AppendOutcome.Appended appended -> {
                    full = Optional.empty();
                    order.remove(range);
                    range.lease().close();
                    yield true;
                }
                case AppendOutcome.NotReady notReady -> waitForRoom();
                case AppendOutcome.Full limit -> {
                    waitForRoom();
                    beFull(limit.limit());
                    yield false;
                }
            };
        } catch (InvalidRange e) {
            LOG.error("journal={} {}", journal.id(), e.getMessage());
            refuse(ErrorCode.PROTOCOL, String.valueOf(e.getMessage()));
            return false;
        } catch (Fault e) {
            LOG.debug(
                    "journal={} has failed: {}",
                    journal.id(),
                    e.toString()); // it says so itself, and that ends the session
            return false;
        }
    }

    /** The sender hears of it, and keeps what it has: nothing is gained by ranges that wait here in memory. */
    private void beFull(AppendOutcome.Limit limit) {
        full = Optional.of(limit);
        LOG.warn("journal={} is full: {}", journal.id(), journal.usage().why(limit));
        refuseFull(limit);
    }

    private void refuseFull(AppendOutcome.Limit limit) {
        refuse(
                ErrorCode.BUSY,
                "the replica's journal is full: " + journal.usage().why(limit));
    }

    private boolean waitForRoom() {
        waitingForRoom = true;
        journal.whenRoom(() -> {
            waitingForRoom = false;
            full = Optional.empty();
            takeWhatFollows();
        });
        return false;
    }

    /** One force at a time, and another one after it if more has come meanwhile. */
    private void force() {
        if (!forcing && journal.appended().isAfter(journal.durable())) {
            forcing = true;
            journal.whenDurable(journal.appended(), () -> {
                forcing = false;
                force();
            });
        }
    }

    private void madeDurable() {
        store.catchUp();
        tell();
        comparisons.goOn();
    }

    private void refuse(ErrorCode code, String message) {
        Downlink session = downlink;
        if (session != null) {
            session.refuse(code, message);
        }
    }
}
