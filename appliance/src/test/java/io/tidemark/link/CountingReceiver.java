package io.tidemark.link;

import io.tidemark.journal.Sequence;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;

/** Keeps nothing: acknowledges what has come in order as received and durable, and counts its bytes. For one session. */
public final class CountingReceiver implements DownlinkListener {

    private final Map<Sequence, Sequence> early = new HashMap<>();
    private final CompletableFuture<Downlink> downlink = new CompletableFuture<>();
    private final LongAdder bytes = new LongAdder();
    private final Credit credit;
    private Sequence next = new Sequence(1);

    public CountingReceiver(Credit credit) {
        this.credit = credit;
    }

    /** Bytes of all bodies so far. Any thread. */
    public long bytes() {
        return bytes.sum();
    }

    @Override
    public void onOpened(Downlink opened) {
        downlink.complete(opened);
        opened.welcome(new Resume.Nothing(), credit);
    }

    @Override
    public void onStart(Sequence first) {
        next = first;
    }

    @Override
    public void takeRange(IncomingRange range) {
        early.put(range.range().first(), range.range().last());
        bytes.add(range.range().body().remaining());
        range.lease().close();
        for (Sequence last = early.remove(next); last != null; last = early.remove(next)) {
            next = last.next();
        }
        downlink.join().acknowledge(new Ack(next.previous(), next.previous(), Sequence.NONE, credit));
    }

    @Override
    public void onCompare(long question, Comparison comparison) {
        throw new UnsupportedOperationException("nobody asks");
    }

    @Override
    public void onEnded(Ending ending) {}
}
