package io.tidemark.target;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.StreamId;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Standing;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connections to a target for as long as all of them last, and the rounds that are written over them, one behind the other: the flush of
 * one is answered, and its position kept, before the first write of the next. The sender's thread.
 */
final class TargetSession {

    /** What is told of a session, on the sender's thread. */
    interface Listener {
        void onUp();

        /** The target may be on its way from its position: to be kept before anything is written. */
        void onWriting(Position to) throws IOException;

        /** Everything up to a position is durable at the target. */
        void onReached(Position reached, long bytes) throws IOException;

        /**
         * It is over. Told once.
         *
         * @param forGood whether trying again will not help by itself
         */
        void onEnded(String why, boolean forGood);

        /** The journal cannot be read. Told once, instead. */
        void onUnreadable(RuntimeException why);
    }

    private final TargetSender.Parts parts;
    private final TargetSettings settings;
    private final TargetSender.Pace pace;
    private final Listener listener;
    private final TargetDisks disks;
    private final Set<StreamId> gone = new HashSet<>(); // disks that are known to go later: nothing is written for them
    private Position position;
    private boolean busy;
    private boolean over;
    private boolean timed;
    private boolean reading;
    private long bytesOfRound;
    private long recordsOfRound;
    private long openSince;
    private @Nullable Lookahead lookahead;
    private @Nullable Transfer transfer;

    TargetSession(
            TargetSender.Parts parts,
            TargetSettings settings,
            TargetSender.Pace pace,
            Position position,
            Listener listener) {
        this.parts = parts;
        this.settings = settings;
        this.pace = pace;
        this.position = position;
        this.listener = listener;
        this.disks = new TargetDisks(parts, settings.connections(), this::end);
    }

    /** Connects to what there is now, then goes on from the position. */
    void begin() {
        Ledger now = new Ledger(position.ledger().document(), position.ledger().vms());
        try {
            now.vms().forEach(this::mayBeGone);
            parts.journal().marks(position.at(), parts.journal().durable(), mark -> {
                now.apply(mark);
                if (mark.entry() instanceof Entry.VmDefined defined) {
                    now.vm(defined.vm()).ifPresent(this::mayBeGone);
                }
            });
            gone.removeIf(disk -> now.vmOf(disk).isPresent());
            lookahead = new Lookahead(parts.journal().cursor(position.at()), position);
        } catch (Fault fault) {
            unreadable(fault);
            return;
        }
        busy = true;
        disks.open(now, gone, () -> {
            listener.onUp();
            busy = false;
            goOn();
        });
    }

    private void mayBeGone(Vm vm) {
        vm.disks().forEach(disk -> gone.add(disk.id()));
    }

    /** Writes what there is, or reads ahead while it does so already. */
    void goOn() {
        Lookahead ahead = lookahead;
        if (over || ahead == null) {
            return;
        }
        if (busy) {
            readAhead();
            return;
        }
        try {
            Optional<List<JournalRecord>> records = nextRound(ahead);
            if (records.isPresent()) {
                busy = true;
                bytesOfRound = ahead.bytes();
                recordsOfRound = ahead.records();
                Round round = Round.of(position, records.get(), gone);
                disks.open(round.to().ledger(), gone, () -> write(round));
            }
        } catch (RuntimeException unreadable) {
            unreadable(unreadable);
        }
    }

    /** The next round is read while this one is written, a little at a time, so that answers are taken in between. */
    private void readAhead() {
        Lookahead ahead = lookahead;
        if (over || reading || ahead == null || transfer == null) {
            return;
        }
        try {
            if (ahead.bytes() < bytesOfRound + settings.roundBytesMax()
                    && ahead.records() < recordsOfRound + settings.roundRecordsMax()
                    && ahead.readOne()) {
                reading = true;
                parts.owner().execute(() -> {
                    reading = false;
                    readAhead();
                });
            }
        } catch (RuntimeException unreadable) {
            unreadable(unreadable);
        }
    }

    /** What is on its way. */
    long inFlightBytes() {
        Transfer current = transfer;
        return current == null ? 0 : current.inFlightBytes();
    }

    int connections() {
        return disks.connections();
    }

    /** Leaves everything as it is. Nothing more is told. */
    void close() {
        over = true;
        Transfer current = transfer;
        if (current != null) {
            current.cancel();
        }
        Lookahead ahead = lookahead;
        if (ahead != null) {
            ahead.close();
            lookahead = null;
        }
        disks.close();
    }

    /**
     * The next records to be written: up to the newest record with no epoch open behind it. Where there is none it waits for one, unless
     * there would be no point at it, so much is there already, or none comes for too long.
     */
    private Optional<List<JournalRecord>> nextRound(Lookahead ahead) {
        boolean full = ahead.fill(settings.roundBytesMax(), settings.roundRecordsMax());
        if (ahead.settled().isAfter(position.at())) {
            timed = false;
            return Optional.of(ahead.upTo(ahead.settled()));
        }
        if (!ahead.last().isAfter(position.at())) {
            timed = false;
            return Optional.empty();
        }
        long now = parts.nanoTime().getAsLong();
        if (full || ahead.openStreams().stream().noneMatch(this::mayHaveAPoint) || hasWaited(now)) {
            timed = false;
            return Optional.of(ahead.upTo(ahead.last()));
        }
        if (!timed) {
            timed = true;
            openSince = now;
            parts.owner().after(settings.epochWait(), this::goOn);
        }
        return Optional.empty();
    }

    private boolean hasWaited(long now) {
        return timed && now - openSince >= settings.epochWait().toNanos();
    }

    private boolean mayHaveAPoint(StreamId stream) {
        return position.ledger()
                .vmOf(stream)
                .filter(vm -> position.ledger().standing(vm) instanceof Standing.Consistent)
                .isPresent();
    }

    private void write(Round round) {
        if (round.isEmpty()) {
            reached(round, 0);
            return;
        }
        try {
            listener.onWriting(round.to());
        } catch (IOException e) {
            end("where the target is cannot be kept: " + e.getMessage(), false);
            return;
        }
        Transfer next = new Transfer(
                round, disks.open(), parts.owner(), settings, pace, parts.nanoTime(), new Transfer.Listener() {
                    @Override
                    public void onDurable(long bytes) {
                        transfer = null;
                        reached(round, bytes);
                    }

                    @Override
                    public void onFailed(String why) {
                        end(why, false);
                    }
                });
        transfer = next;
        next.pump();
        readAhead();
    }

    private void reached(Round round, long bytes) {
        Lookahead ahead = lookahead;
        if (over || ahead == null) {
            return;
        }
        position = round.to();
        try {
            listener.onReached(position, bytes);
        } catch (IOException e) {
            end("where the target is cannot be kept: " + e.getMessage(), false);
            return;
        }
        ahead.release(position.at());
        disks.closeGone(position.ledger());
        busy = false;
        parts.owner().execute(this::goOn);
    }

    private void end(String why, boolean forGood) {
        if (!over) {
            close();
            listener.onEnded(why, forGood);
        }
    }

    private void unreadable(RuntimeException why) {
        if (!over) {
            close();
            listener.onUnreadable(why);
        }
    }
}
