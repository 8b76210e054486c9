package io.tidemark.metrics;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is to be expected of the journal to each peer if it goes on as it does, as the meters have it. Any thread. */
public final class Forecasts {

    /**
     * Of the journal to one peer.
     *
     * @param secondsUntilFull empty while it does not fill up
     * @param secondsToCatchUp until the peer has everything, what is to be copied included; empty when it never will
     */
    public record Forecast(OptionalDouble secondsUntilFull, OptionalDouble secondsToCatchUp) {

        static Forecast of(double secondsUntilFull, double secondsToCatchUp) {
            return new Forecast(finite(secondsUntilFull), finite(secondsToCatchUp));
        }

        private static OptionalDouble finite(double seconds) {
            return Double.isFinite(seconds) ? OptionalDouble.of(seconds) : OptionalDouble.empty();
        }
    }

    private final Map<String, Forecast> byPeer = new ConcurrentHashMap<>();

    /** That for the journal to a peer; empty before the meters were first read. */
    public Optional<Forecast> to(String peer) {
        return Optional.ofNullable(byPeer.get(peer));
    }

    void put(String peer, Forecast forecast) {
        byPeer.put(peer, forecast);
    }

    /** Forgets all others. */
    void keep(Set<String> peers) {
        byPeer.keySet().retainAll(peers);
    }
}
