package io.tidemark.sim;

import io.tidemark.journal.Owner;
import io.tidemark.link.Destination;
import io.tidemark.link.Dialer;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Introduction;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.link.Uplink;
import io.tidemark.link.UplinkListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** The network between the two sites: it delays, reorders what goes on different lanes, breaks, and is cut. */
final class SimulatedLink implements Dialer {

    /** Who receives, while its process lives. */
    record Receiver(Owner owner, DownlinkListener listener) {}

    /** The sites that it joins. */
    record Ends(Site sender, Site receiver) {}

    static final int LANES = 4;
    private static final Duration DELAY_MAX = Duration.ofMillis(4);

    private final Scheduler scheduler;
    private final Trace trace;
    private final SimulatedThread wire;
    private final Ends ends;
    private final List<SimulatedSession> sessions = new ArrayList<>();
    private Optional<Function<Introduction, Receiver>> receiver = Optional.empty();
    private boolean up = true;
    private long dialled;

    SimulatedLink(Scheduler scheduler, Trace trace) {
        this(scheduler, trace, new Ends(site("source", 1), site("replica", 2)));
    }

    SimulatedLink(Scheduler scheduler, Trace trace, Ends ends) {
        this.scheduler = scheduler;
        this.ends = ends;
        this.trace = trace;
        this.wire = scheduler.thread("wire");
    }

    @Override
    public Uplink dial(Destination destination, Owner owner, UplinkListener listener) {
        SimulatedSession session =
                new SimulatedSession(this, ++dialled, destination.lineage().id(), owner, listener);
        sessions.add(session);
        wire.after(delay(), () -> arrive(session));
        return session;
    }

    void receivedBy(Receiver listening) {
        receivedBy(introduction -> listening);
    }

    /** Each session by whom that says. */
    void receivedBy(Function<Introduction, Receiver> directory) {
        receiver = Optional.of(directory);
    }

    static Site site(String name, long number) {
        return new Site(new SiteId(new UUID(1, number)), new SiteName(name));
    }

    Ends ends() {
        return ends;
    }

    /** The receiver's process is gone, and with it all its connections. */
    void receiverDied() {
        receiver = Optional.empty();
        sessions.forEach(SimulatedSession::receiverDied);
    }

    /** The sender's process is gone. */
    void senderDied() {
        sessions.forEach(SimulatedSession::senderDied);
    }

    boolean up() {
        return up;
    }

    void up(boolean now) {
        up = now;
        if (!up) {
            breakSessions();
        }
    }

    /** What is on its way is lost; both sides will find out. */
    void breakSessions() {
        sessions.forEach(SimulatedSession::lose);
        sessions.removeIf(SimulatedSession::isOver);
    }

    Scheduler scheduler() {
        return scheduler;
    }

    Trace trace() {
        return trace;
    }

    SimulatedThread wire() {
        return wire;
    }

    Duration delay() {
        return scheduler.upTo(DELAY_MAX);
    }

    private void arrive(SimulatedSession session) {
        if (!up || receiver.isEmpty()) {
            session.lose();
            return;
        }
        sessions.stream().filter(other -> other != session).forEach(SimulatedSession::supersede);
        session.open(receiver.get().apply(session.introduction()));
    }
}
