package io.tidemark.link;

import io.tidemark.journal.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Keeps what a sender is told. Starts behind what the receiver has, unless told otherwise. */
public final class RecordingSender implements UplinkListener {

    private final CompletableFuture<Uplink> uplink = new CompletableFuture<>();
    private final Function<Standing, Decision> decision;
    private final List<Standing> standings = new ArrayList<>();
    private final List<Ack> acks = new ArrayList<>();
    private final List<Ending> endings = new ArrayList<>();
    private boolean ready;
    private int writable;
    private int roundTrips;

    public RecordingSender() {
        this(standing -> new Decision.Start(standing.resume().last().next()));
    }

    public RecordingSender(Function<Standing, Decision> decision) {
        this.decision = decision;
    }

    void uplink(Uplink dialled) {
        uplink.complete(dialled);
    }

    public Uplink uplink() {
        return uplink.join();
    }

    public boolean isReady() {
        return ready;
    }

    public boolean isOver() {
        return !endings.isEmpty();
    }

    public List<Standing> standings() {
        return standings;
    }

    public List<Ack> acks() {
        return acks;
    }

    /** The last sequence that was acknowledged as received. */
    public Sequence received() {
        return acks.isEmpty() ? Sequence.NONE : acks.getLast().received();
    }

    public List<Ending> endings() {
        return endings;
    }

    /** How often more became possible. */
    public int writable() {
        return writable;
    }

    public int roundTrips() {
        return roundTrips;
    }

    @Override
    public Decision onStanding(Standing standing) {
        standings.add(standing);
        return decision.apply(standing);
    }

    @Override
    public void onReady() {
        ready = true;
    }

    @Override
    public void onWritable() {
        writable++;
    }

    @Override
    public void onAck(Ack ack) {
        acks.add(ack);
    }

    @Override
    public void onRoundTrip(long nanos) {
        roundTrips++;
    }

    @Override
    public void onEnded(Ending ending) {
        endings.add(ending);
    }
}
