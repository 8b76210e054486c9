package io.tidemark.nbd.client;

import io.tidemark.nbd.client.RemoteExport.EndListener;
import io.tidemark.nbd.protocol.ProtocolViolation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The calls of a connection that have no answer yet, and its end, which ends them all.
 *
 * <p>Thread: the connection's event loop; only {@link #claim} is called from any.
 */
final class Calls {
    private final int max;
    private final AtomicInteger claimed = new AtomicInteger();
    private final Map<Long, Call> inFlight = new LinkedHashMap<>();
    private final List<EndListener> endListeners = new ArrayList<>();
    private Optional<String> ended = Optional.empty();

    Calls(int max) {
        this.max = max;
    }

    /** Takes a place for one call, which its end gives back. */
    void claim() {
        if (claimed.incrementAndGet() > max) {
            claimed.decrementAndGet();
            throw new IllegalStateException("more than " + max + " requests in flight");
        }
    }

    boolean isEmpty() {
        return inFlight.isEmpty();
    }

    /** Notes a call that is about to be sent; whether it still can be. If not, it has ended. */
    boolean begin(Call call) {
        if (ended.isPresent()) {
            claimed.decrementAndGet();
            call.abandoned(new Result.Unknown(ended.get()));
            return false;
        }
        inFlight.put(call.request().cookie(), call);
        return true;
    }

    Call of(long cookie) {
        return Optional.ofNullable(inFlight.get(cookie))
                .orElseThrow(
                        () -> new ProtocolViolation("an answer to request " + cookie + ", which is not in flight"));
    }

    /** The answer to a call is complete. */
    void answered(Call call) {
        Result result = call.result();
        inFlight.remove(call.request().cookie());
        claimed.decrementAndGet();
        call.tell(result);
    }

    void onEnd(EndListener listener) {
        ended.ifPresentOrElse(listener::onEnd, () -> endListeners.add(listener));
    }

    /** The connection is over: nobody will answer. The first reason is told. */
    void end(String why) {
        if (ended.isEmpty()) {
            ended = Optional.of(why);
            List<Call> left = List.copyOf(inFlight.values());
            inFlight.clear();
            claimed.addAndGet(-left.size());
            left.forEach(call -> call.abandoned(new Result.Unknown(why)));
            endListeners.forEach(listener -> listener.onEnd(why));
            endListeners.clear();
        }
    }
}
