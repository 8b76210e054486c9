package io.tidemark.failover;

import io.tidemark.journal.Owner;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Admission;
import io.tidemark.link.Comparison;
import io.tidemark.link.Destination;
import io.tidemark.link.Dialer;
import io.tidemark.link.Downlink;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.Introduction;
import io.tidemark.link.ReceiverDirectory;
import io.tidemark.link.Standing;
import io.tidemark.link.Uplink;
import io.tidemark.link.UplinkListener;
import io.tidemark.term.Claim;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Brings claims from site to site: all that a peer should know as soon as there is a session with it, whoever has dialled, and what changes while there
 * is one. Any thread.
 */
public final class TermExchange {

    /** Tells a peer. Any thread. */
    private interface Voice extends Consumer<List<Claim>> {}

    /** What is to be told to a peer, and what it has told. Any thread; must not block. */
    public interface Ends {

        /** There is a session with the peer: it is to be told everything, by {@link #tell}. */
        void greeted(String peer);

        void heard(String peer, Claim claim);
    }

    private final Map<String, Set<Voice>> voices = new ConcurrentHashMap<>();
    private final Ends ends;

    TermExchange(Ends ends) {
        this.ends = ends;
    }

    /** Tells a peer, if there is a session with it; else the next one will. */
    void tell(String peer, List<Claim> claims) {
        if (!claims.isEmpty()) {
            voices.getOrDefault(peer, Set.of()).forEach(voice -> voice.accept(claims));
        }
    }

    /** Whether there is a session with the peer. */
    boolean isConnected(String peer) {
        return !voices.getOrDefault(peer, Set.of()).isEmpty();
    }

    /** The same dialer, whose sessions carry terms. */
    Dialer over(Dialer dialer) {
        return (destination, owner, listener) -> dial(dialer, destination, owner, listener);
    }

    /** The same receivers, whose sessions carry terms. */
    ReceiverDirectory over(ReceiverDirectory receivers) {
        return introduction -> switch (receivers.admit(introduction)) {
            case Admission.Accept accept ->
                new Admission.Accept(accept.owner(), new Receiving(nameOf(introduction), accept.listener()));
            case Admission.Refuse refuse -> refuse;
        };
    }

    private static String nameOf(Introduction introduction) {
        return introduction.sender().name().text();
    }

    private Uplink dial(Dialer dialer, Destination destination, Owner owner, UplinkListener listener) {
        CompletableFuture<Uplink> uplink = new CompletableFuture<>();
        Voice voice = claims -> owner.execute(() -> uplink.join().tell(claims)); // dialled by then, by the owner itself
        uplink.complete(
                dialer.dial(destination, owner, new Sending(destination.peer().text(), voice, listener)));
        return uplink.join();
    }

    private void begin(String peer, Voice voice) {
        voices.computeIfAbsent(peer, name -> ConcurrentHashMap.newKeySet()).add(voice);
        ends.greeted(peer);
    }

    private void end(String peer, Voice voice) {
        voices.getOrDefault(peer, new HashSet<>()).remove(voice);
    }

    /** A session that we have dialled. */
    private final class Sending implements UplinkListener {

        private final String peer;
        private final Voice voice;
        private final UplinkListener listener;

        Sending(String peer, Voice voice, UplinkListener listener) {
            this.peer = peer;
            this.voice = voice;
            this.listener = listener;
        }

        @Override
        public Decision onStanding(Standing standing) {
            return listener.onStanding(standing);
        }

        @Override
        public void onReady() {
            begin(peer, voice);
            listener.onReady();
        }

        @Override
        public void onWritable() {
            listener.onWritable();
        }

        @Override
        public void onAck(Ack ack) {
            listener.onAck(ack);
        }

        @Override
        public void onClaim(Claim claim) {
            ends.heard(peer, claim);
        }

        @Override
        public void onRoundTrip(long nanos) {
            listener.onRoundTrip(nanos);
        }

        @Override
        public void onEnded(Ending ending) {
            end(peer, voice);
            listener.onEnded(ending);
        }
    }

    /** A session that a peer has dialled. */
    private final class Receiving implements DownlinkListener {

        private final String peer;
        private final DownlinkListener listener;
        private Voice voice = claims -> {};

        Receiving(String peer, DownlinkListener listener) {
            this.peer = peer;
            this.listener = listener;
        }

        @Override
        public void onOpened(Downlink downlink) {
            listener.onOpened(downlink);
            voice = downlink::tell;
            begin(peer, voice);
        }

        @Override
        public void onStart(Sequence first) {
            listener.onStart(first);
        }

        @Override
        public void takeRange(IncomingRange range) {
            listener.takeRange(range);
        }

        @Override
        public void onClaim(Claim claim) {
            ends.heard(peer, claim);
        }

        @Override
        public void onCompare(long question, Comparison comparison) {
            listener.onCompare(question, comparison);
        }

        @Override
        public void onEnded(Ending ending) {
            end(peer, voice);
            listener.onEnded(ending);
        }
    }
}
