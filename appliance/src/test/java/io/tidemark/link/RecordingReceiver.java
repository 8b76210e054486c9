package io.tidemark.link;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Sequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps what a receiver is told. Puts ranges in order and acknowledges them as durable, unless it is held.
 *
 * <p>What it has received outlives a session, as a journal does.
 */
public final class RecordingReceiver implements DownlinkListener {

    private final Credit credit;
    private final Map<Long, Comparison> questions = new LinkedHashMap<>();
    private final List<String> events = new ArrayList<>();
    private final List<Ending> endings = new ArrayList<>();
    private final List<IncomingRange> held = new ArrayList<>();
    private final Map<Sequence, IncomingRange> early = new HashMap<>();
    private final List<ByteBuffer> bodies = new ArrayList<>();
    private CompletableFuture<Downlink> downlink = new CompletableFuture<>();
    private Resume resume = new Resume.Nothing();
    private boolean holding;

    public RecordingReceiver() {
        this(new Credit(16 << 20));
    }

    public RecordingReceiver(Credit credit) {
        this.credit = credit;
    }

    /** Ranges wait for {@link #release}. */
    public RecordingReceiver holding() {
        holding = true;
        return this;
    }

    /** What was held is received, and so is what comes from now on. */
    public void release() {
        holding = false;
        held.forEach(this::receive);
        held.clear();
    }

    public List<IncomingRange> held() {
        return held;
    }

    public Downlink downlink() {
        return downlink.join();
    }

    /** Up to where it has everything. */
    public Sequence received() {
        return resume.last();
    }

    /** Copies of what was received, in order. */
    public List<ByteBuffer> bodies() {
        return bodies;
    }

    public List<Ending> endings() {
        return endings;
    }

    /** What was asked, by the numbers of the questions. */
    public Map<Long, Comparison> questions() {
        return questions;
    }

    /** What happened but ranges, in words. */
    public List<String> events() {
        return events;
    }

    @Override
    public void onOpened(Downlink opened) {
        events.add("opened");
        downlink = CompletableFuture.completedFuture(opened);
        opened.welcome(resume, credit);
    }

    @Override
    public void onStart(Sequence first) {
        events.add("start " + first);
    }

    @Override
    public void takeRange(IncomingRange range) {
        if (holding) {
            held.add(range);
        } else {
            receive(range);
        }
    }

    /** Kept to be answered by the test. */
    @Override
    public void onCompare(long question, Comparison comparison) {
        questions.put(question, comparison);
    }

    @Override
    public void onEnded(Ending ending) {
        events.add("ended");
        endings.add(ending);
        early.values().forEach(range -> range.lease().close());
        early.clear();
        held.forEach(range -> range.lease().close());
        held.clear();
    }

    private void receive(IncomingRange range) {
        early.put(range.range().first(), range);
        for (IncomingRange next = early.remove(received().next());
                next != null;
                next = early.remove(received().next())) {
            bodies.add(copy(next.range().body()));
            Sequence last = next.range().last();
            resume = new Resume.After(last, (int) last.number(), new Incarnation(9));
            next.lease().close();
        }
        downlink().acknowledge(new Ack(received(), received(), Sequence.NONE, credit));
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }
}
