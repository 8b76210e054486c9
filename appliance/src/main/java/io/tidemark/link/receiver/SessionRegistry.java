package io.tidemark.link.receiver;

import io.tidemark.journal.JournalId;
import io.tidemark.link.Admission;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Introduction;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.link.Site;
import io.tidemark.link.protocol.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Which session each journal has: one, the newest (docs/protocol.md, section 1).
 *
 * <p>Any thread may call; everything is decided on {@code home}, an executor with one thread.
 */
final class SessionRegistry {

    private final Executor home;
    private final Site site;
    private final ReceiverDirectory directory;
    private final Map<JournalId, DownlinkSession> sessions = new HashMap<>();

    SessionRegistry(Executor home, Site site, ReceiverDirectory directory) {
        this.home = home;
        this.site = site;
        this.directory = directory;
    }

    /** A connection has said who it is. */
    void join(Lane lane, Message.Hello hello) {
        home.execute(() -> {
            if (hello.place().isFirst()) {
                open(lane, hello);
            } else if (!current(hello.lineage().id())
                    .map(session -> session.join(hello, lane))
                    .orElse(false)) {
                lane.end(new Ending.Refused(ErrorCode.PROTOCOL, "no session waits for this connection"));
            }
        });
    }

    /** A connection is over, and the session it belonged to. */
    void onLaneEnded(Lane lane, Ending ending) {
        home.execute(() -> {
            sessions.values().stream().filter(session -> session.has(lane)).forEach(session -> session.end(ending));
            sessions.values().removeIf(DownlinkSession::isOver);
        });
    }

    void endAll(Ending ending) {
        home.execute(() -> {
            sessions.values().forEach(session -> session.end(ending));
            sessions.clear();
        });
    }

    private void open(Lane lane, Message.Hello hello) {
        switch (directory.admit(new Introduction(hello.site(), hello.lineage(), hello.session()))) {
            case Admission.Refuse refuse -> lane.end(new Ending.Refused(refuse.code(), refuse.message()));
            case Admission.Accept accept -> {
                current(hello.lineage().id()).ifPresent(older -> older.end(new Ending.Superseded()));
                DownlinkSession session = new DownlinkSession(hello, lane, site, new Delivery(accept), home);
                sessions.put(hello.lineage().id(), session);
                session.open();
            }
        }
    }

    private Optional<DownlinkSession> current(JournalId journal) {
        return Optional.ofNullable(sessions.get(journal));
    }
}
