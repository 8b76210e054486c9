package io.tidemark.link.sender;

import io.tidemark.journal.Owner;
import io.tidemark.link.Destination;
import io.tidemark.link.Dialer;
import io.tidemark.link.Ending;
import io.tidemark.link.SessionId;
import io.tidemark.link.Uplink;
import io.tidemark.link.UplinkListener;
import io.tidemark.link.protocol.Message;
import io.tidemark.link.transport.Endpoint;
import java.net.UnknownHostException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens sessions over TCP. */
public final class LinkDialer implements Dialer {

    private static final Logger LOG = LoggerFactory.getLogger(LinkDialer.class);

    private final Endpoint endpoint;
    private final Executor blocking;
    private final RandomGenerator sessionIds;

    /**
     * @param blocking runs what may take long: resolving names, reading certificates
     * @param sessionIds gives the numbers of sessions; nobody may guess them
     */
    public LinkDialer(Endpoint endpoint, Executor blocking, RandomGenerator sessionIds) {
        this.endpoint = endpoint;
        this.blocking = blocking;
        this.sessionIds = sessionIds;
    }

    /** Certificates are read anew each time. */
    @Override
    public Uplink dial(Destination destination, Owner owner, UplinkListener listener) {
        Message.Hello hello = new Message.Hello(
                Message.Versions.OURS,
                endpoint.site(),
                destination.lineage(),
                new SessionId(sessionIds.nextLong()),
                new Message.Place(0, destination.connections()));
        UplinkSession session = new UplinkSession(
                hello, destination.peer(), owner, listener, endpoint.settings().connectionBytesMax());
        blocking.execute(() -> seek(destination, owner, session));
        return session;
    }

    private void seek(Destination destination, Owner owner, UplinkSession session) {
        Runnable next = found(destination, session);
        try {
            owner.execute(next);
        } catch (RejectedExecutionException stopped) {
            LOG.debug("{}: who dialled has stopped meanwhile", destination.peer());
        }
    }

    private Runnable found(Destination destination, UplinkSession session) {
        try {
            Route route = Route.find(endpoint, destination.addresses());
            return () -> session.begin(route);
        } catch (UnknownHostException unknown) {
            return () -> session.onLaneEnded(new Ending.Lost("unknown host " + unknown.getMessage()));
        } catch (IllegalArgumentException unusable) {
            return () -> session.onLaneEnded(new Ending.Lost(String.valueOf(unusable.getMessage())));
        }
    }
}
