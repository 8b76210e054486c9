package io.tidemark.ship;

import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.Downlink;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.Resume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Receives ranges in order and keeps where they ended; acknowledges when the test lets it, and says it has what the test says. */
final class KeepingReceiver implements DownlinkListener {

    final List<Sequence> starts = new ArrayList<>();
    final List<Ending> endings = new ArrayList<>();
    final List<Sequence> ends = new ArrayList<>();
    int records;
    boolean acknowledging = true;
    Resume resume = new Resume.Nothing();
    private final Credit credit;
    private final TreeMap<Sequence, IncomingRange> early = new TreeMap<>();
    private Optional<Downlink> session = Optional.empty();
    private Sequence received = Sequence.NONE;

    KeepingReceiver(Credit credit) {
        this.credit = credit;
    }

    Sequence received() {
        return received;
    }

    boolean connected() {
        return session.isPresent();
    }

    Downlink session() {
        return session.orElseThrow();
    }

    /** Tells the sender that all it has is durable. */
    void acknowledge() {
        session().acknowledge(new Ack(received, received, Sequence.NONE, credit));
    }

    @Override
    public void onOpened(Downlink downlink) {
        session = Optional.of(downlink);
        received = resume.last();
        downlink.welcome(resume, credit);
    }

    @Override
    public void onStart(Sequence first) {
        starts.add(first);
    }

    @Override
    public void takeRange(IncomingRange range) {
        early.put(range.range().first(), range);
        for (IncomingRange next = early.remove(received.next()); next != null; next = early.remove(received.next())) {
            received = next.range().last();
            ends.add(received);
            records += next.range().count();
            next.lease().close();
        }
        if (acknowledging) {
            acknowledge();
        }
    }

    @Override
    public void onCompare(long question, Comparison comparison) {
        throw new UnsupportedOperationException("nobody asks");
    }

    @Override
    public void onEnded(Ending ending) {
        endings.add(ending);
        session = Optional.empty();
        early.values().forEach(range -> range.lease().close());
        early.clear();
    }
}
