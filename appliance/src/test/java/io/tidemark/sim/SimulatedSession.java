package io.tidemark.sim;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Lease;
import io.tidemark.journal.Owner;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Comparison;
import io.tidemark.link.Credit;
import io.tidemark.link.Downlink;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.IncomingRange;
import io.tidemark.link.Introduction;
import io.tidemark.link.Lineage;
import io.tidemark.link.OutgoingRange;
import io.tidemark.link.Resume;
import io.tidemark.link.SessionId;
import io.tidemark.link.Standing;
import io.tidemark.link.Uplink;
import io.tidemark.link.UplinkListener;
import io.tidemark.link.protocol.Message;
import io.tidemark.term.Claim;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One session, both ends of it, and what is on its way between them. */
final class SimulatedSession implements Uplink {

    private static final int RANGES_ON_THEIR_WAY_MAX = 6;

    private final SimulatedLink link;
    private final long number;
    private final JournalId journal;
    private final Owner sender;
    private final UplinkListener listener;
    private final long[] laneFree = new long[SimulatedLink.LANES + 1];
    private final List<Sequence> onTheirWay = new ArrayList<>();
    private final Map<Long, CompletableFuture<Optional<BitSet>>> unanswered = new LinkedHashMap<>();
    private Optional<SimulatedLink.Receiver> receiver = Optional.empty();
    private boolean broken;
    private boolean ready;
    private boolean refused;
    private boolean senderOver;
    private boolean receiverOver;
    private long ranges;
    private long questions;

    SimulatedSession(SimulatedLink link, long number, JournalId journal, Owner sender, UplinkListener listener) {
        this.link = link;
        this.number = number;
        this.journal = journal;
        this.sender = sender;
        this.listener = listener;
    }

    /** The sender's greeting has arrived. */
    void open(SimulatedLink.Receiver by) {
        if (!broken) {
            receiver = Optional.of(by);
            atReceiver(() -> by.listener().onOpened(new AtReceiver()));
        }
    }

    void lose() {
        if (!broken) {
            broken = true;
            later(() -> endAtSender(new Ending.Lost("the connection broke")));
            later(() -> endAtReceiver(new Ending.Lost("the connection broke")));
        }
    }

    void supersede() {
        broken = true;
        endAtReceiver(new Ending.Superseded());
        later(() -> endAtSender(new Ending.Lost("the connection broke")));
    }

    void receiverDied() {
        receiverOver = true;
        lose();
    }

    void senderDied() {
        senderOver = true;
        lose();
    }

    boolean isOver() {
        return senderOver && (receiverOver || receiver.isEmpty());
    }

    @Override
    public SessionId session() {
        return new SessionId(number);
    }

    @Override
    public int version() {
        return Message.Versions.OURS.highest();
    }

    @Override
    public boolean admits(int bytes) {
        refused = !ready || senderOver || onTheirWay.size() >= RANGES_ON_THEIR_WAY_MAX;
        return !refused;
    }

    @Override
    public void takeRange(OutgoingRange range) {
        ByteBuffer body = ByteBuffer.allocateDirect(range.bytes());
        if (range.body() instanceof OutgoingRange.Body.Images images) {
            images.images().forEach(image -> body.put(image.duplicate()));
        }
        range.lease().close();
        Range whole = new Range(range.first(), range.last(), range.count(), body.flip());
        if (senderOver) {
            return;
        }
        ranges++;
        onTheirWay.add(range.last());
        link.trace().add(Trace.Word.SHIP, range.last().number(), () -> whole.first() + ".." + whole.last());
        int lane = link.scheduler().random().nextInt(SimulatedLink.LANES);
        toReceiver(lane, () -> {
            link.trace().add(Trace.Word.ARRIVE, whole.last().number(), () -> whole.first() + ".." + whole.last());
            listening().takeRange(new IncomingRange(whole, Lease.NONE));
        });
    }

    @Override
    public boolean compares() {
        return ready && !senderOver;
    }

    @Override
    public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
        if (!compares() || unanswered.size() == Comparison.UNANSWERED_MAX) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        long question = ++questions;
        CompletableFuture<Optional<BitSet>> answer = new CompletableFuture<>();
        unanswered.put(question, answer);
        toReceiver(0, () -> listening().onCompare(question, comparison));
        return answer;
    }

    @Override
    public Counters counters() {
        return new Counters(ranges, 0, 0, 0, 0);
    }

    /** Either side closes in good order; they are never closed by the same call. */
    @Override
    public void close() {
        endAtSender(new Ending.Closed());
        later(() -> endAtReceiver(new Ending.PeerClosed()));
    }

    Introduction introduction() {
        return new Introduction(link.ends().sender(), Lineage.whole(journal), session());
    }

    private void welcome(Resume resume, Credit credit) {
        link.trace().add(Trace.Word.CONNECT, resume.last().number(), () -> "resume behind " + resume.last());
        toSender(() -> {
            switch (listener.onStanding(new Standing(link.ends().receiver(), resume, credit))) {
                case UplinkListener.Decision.Refuse refuse -> refuseBySender(refuse);
                case UplinkListener.Decision.Start start -> start(start.first());
            }
        });
    }

    private void acknowledge(Ack ack) {
        link.trace()
                .add(
                        Trace.Word.ACKNOWLEDGE,
                        ack.durable().number(),
                        () -> "received " + ack.received() + " durable " + ack.durable() + " floor " + ack.floor());
        toSender(() -> {
            onTheirWay.removeIf(last -> !last.isAfter(ack.received()));
            listener.onAck(ack);
            if (refused && admits(0)) {
                listener.onWritable();
            }
        });
    }

    /** Claims go on a lane of their own, as their own frames. */
    @Override
    public void tell(List<Claim> claims) {
        toReceiver(0, () -> claims.forEach(listening()::onClaim));
    }

    private void refuse(ErrorCode code, String message) {
        endAtReceiver(new Ending.Refused(code, message));
        later(() -> endAtSender(new Ending.PeerRefused(code, message)));
    }

    private void start(Sequence first) {
        for (int lane = 0; lane < SimulatedLink.LANES; lane++) {
            laneFree[lane] = link.scheduler().nanoTime() + link.delay().toNanos();
        }
        toReceiverNow(() -> listening().onStart(first));
        later(() -> atSender(() -> {
            ready = true;
            listener.onReady();
        }));
    }

    private void refuseBySender(UplinkListener.Decision.Refuse refuse) {
        endAtSender(new Ending.Refused(refuse.code(), refuse.message()));
        later(() -> endAtReceiver(new Ending.PeerRefused(refuse.code(), refuse.message())));
    }

    /** The first word of a session: nothing on another lane comes before it. */
    private void toReceiverNow(Runnable task) {
        atReceiver(task);
    }

    private void toReceiver(int lane, Runnable task) {
        onLane(lane, () -> atReceiver(task));
    }

    private void toSender(Runnable task) {
        onLane(SimulatedLink.LANES, () -> atSender(task));
    }

    /** What goes on one lane arrives in order. */
    private void onLane(int lane, Runnable task) {
        long now = link.scheduler().nanoTime();
        laneFree[lane] = Math.max(laneFree[lane], now) + link.delay().toNanos();
        link.wire().after(Duration.ofNanos(laneFree[lane] - now), () -> {
            if (!broken) {
                task.run();
            }
        });
    }

    private void later(Runnable task) {
        link.wire().after(link.delay(), task);
    }

    private DownlinkListener listening() {
        return receiver.orElseThrow().listener();
    }

    private void atSender(Runnable task) {
        sender.execute(() -> {
            if (!senderOver) {
                task.run();
            }
        });
    }

    private void atReceiver(Runnable task) {
        receiver.ifPresent(by -> by.owner().execute(() -> {
            if (!receiverOver) {
                task.run();
            }
        }));
    }

    private void endAtSender(Ending ending) {
        broken = true;
        atSender(() -> {
            senderOver = true;
            List.copyOf(unanswered.values()).forEach(answer -> answer.complete(Optional.empty()));
            listener.onEnded(ending);
        });
    }

    private void endAtReceiver(Ending ending) {
        broken = true;
        atReceiver(() -> {
            receiverOver = true;
            listening().onEnded(ending);
        });
    }

    /** The session as its receiver sees it: claims wait for the answer. */
    private final class AtReceiver implements Downlink {

        private final List<Claim> early = new ArrayList<>();
        private boolean answered;

        @Override
        public Introduction introduction() {
            return SimulatedSession.this.introduction();
        }

        @Override
        public void welcome(Resume resume, Credit credit) {
            SimulatedSession.this.welcome(resume, credit);
            answered = true;
            if (!early.isEmpty()) {
                tell(early);
            }
        }

        @Override
        public void acknowledge(Ack ack) {
            SimulatedSession.this.acknowledge(ack);
        }

        @Override
        public void tell(List<Claim> claims) {
            if (answered) {
                List<Claim> told = List.copyOf(claims);
                toSender(() -> told.forEach(listener::onClaim));
            } else {
                early.addAll(claims);
            }
        }

        @Override
        public void answer(long question, BitSet equal) {
            toSender(() -> unanswered.remove(question).complete(Optional.of(equal)));
        }

        @Override
        public void refuse(ErrorCode code, String message) {
            SimulatedSession.this.refuse(code, message);
        }

        @Override
        public void close() {
            SimulatedSession.this.close();
        }
    }
}
