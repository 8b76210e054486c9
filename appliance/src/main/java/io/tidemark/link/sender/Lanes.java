package io.tidemark.link.sender;

import io.netty.buffer.ByteBuf;
import io.tidemark.link.transport.Outlet;
import java.util.List;

/** The connections of an open session: spreads frames over them. The session's owner's. */
final class Lanes {

    private final List<? extends Outlet> outlets;
    private final long[] sentBytes;
    private int last;

    Lanes(List<? extends Outlet> outlets) {
        this.outlets = List.copyOf(outlets);
        this.sentBytes = new long[outlets.size()];
        this.last = outlets.size() - 1;
    }

    boolean isWritable() {
        return outlets.stream().anyMatch(Outlet::isWritable);
    }

    long queuedBytes() {
        return outlets.stream().mapToLong(Outlet::queuedBytes).sum();
    }

    /** What the busiest connection has been given. */
    long sentBytesMax() {
        long most = 0;
        for (long bytes : sentBytes) {
            most = Math.max(most, bytes);
        }
        return most;
    }

    /** Sends a frame on the connection with the shortest queue; of equals, on the next one in turn. */
    void takeFrame(ByteBuf frame) {
        int best = (last + 1) % outlets.size();
        long shortest = outlets.get(best).queuedBytes();
        for (int step = 2; step <= outlets.size(); step++) {
            int candidate = (last + step) % outlets.size();
            long queued = outlets.get(candidate).queuedBytes();
            if (queued < shortest) {
                best = candidate;
                shortest = queued;
            }
        }
        last = best;
        sentBytes[best] += frame.readableBytes();
        outlets.get(best).takeFrame(frame);
    }
}
