package io.tidemark.sim;

import io.tidemark.intake.Registration;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.Session;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The client of one disk. In mode direct our export is the disk: what was not answered is asked for again. In all others the guest
 * has the disk itself, goes on without us when we are gone, and copies everything when it comes back.
 */
final class SimulatedClient {

    private static final int IN_FLIGHT_MAX = 16;

    /** Where a copy of the disk to us is. */
    private enum Copy {
        WANTED,
        BEGINNING,
        COPYING,
        ENDING,
        COMPLETE
    }

    /** One time that an operation was asked for: it may be asked for again while the server is still at it. */
    private static final class Sending {

        private final Op op;
        private Sequence record = Sequence.NONE;
        private boolean answered;

        Sending(Op op) {
            this.op = op;
        }
    }

    private final Simulation world;
    private final Guest guest;
    private final GuestDisk disk;
    private final boolean plaintext;
    private final List<Op> flying = new ArrayList<>();
    private final List<Sending> atServer = new ArrayList<>();
    private final List<Op> copies = new ArrayList<>();
    private final List<Op> unanswered = new ArrayList<>();
    private final BitSet toCopy = new BitSet();
    private Optional<Session> session = Optional.empty();
    private long connections;
    private int closing;
    private boolean connecting;
    private boolean looking;
    private boolean restarting;
    private boolean paused;
    private Copy copy = Copy.WANTED;

    SimulatedClient(Simulation world, Guest guest, GuestDisk disk) {
        this.world = world;
        this.guest = guest;
        this.disk = disk;
        this.plaintext = world.random().nextInt(3) > 0;
    }

    GuestDisk disk() {
        return disk;
    }

    Guest guest() {
        return guest;
    }

    /** Nothing that the source does not know of yet has happened to a connection. */
    boolean isSettled() {
        return closing == 0 && !connecting;
    }

    /** Everything was asked for, answered and copied. */
    boolean isDone() {
        return guest.ended()
                || (session.isPresent()
                        && !looking
                        && !restarting
                        && flying.isEmpty()
                        && unanswered.isEmpty()
                        && (isDirect() || copy == Copy.COMPLETE));
    }

    /** Whether others have to be done before this one can be. */
    boolean isLast() {
        return mode() == AttachMode.MIRROR_BACKGROUND;
    }

    /** Does something. */
    void act() {
        if (guest.ended() || !guest.protectedNow()) {
            return;
        }
        if (session.isEmpty()) {
            connect();
            if (!isDirect()) {
                ask();
            }
            return;
        }
        if (!world.calm() && world.oneIn(120)) {
            lose(world.oneIn(3) ? Ending.DISCONNECTED : Ending.LOST);
        } else if (looking) {
            return;
        } else if (!unanswered.isEmpty()) {
            send(unanswered.removeFirst());
        } else if (!isDirect() && copy != Copy.COMPLETE && world.oneIn(2)) {
            copy();
        } else {
            ask();
        }
    }

    /** A record of this disk is in the source's journal. */
    void recorded(Extent extent, Sequence at) {
        atServer.stream()
                .filter(each -> each.op.changes()
                        && each.record.equals(Sequence.NONE)
                        && each.op.offset() == extent.offset()
                        && each.op.bytes() == extent.length())
                .forEach(
                        each -> { // more than one only if the same was asked for again
                            each.record = at;
                            each.op.record = at;
                        });
    }

    /** The server closes what is connected to it, since it stops. */
    void serverStops() {
        session.ifPresent(open -> world.source()
                .ifPresent(source -> source.loop(plaintext).execute(() -> open.close(Ending.CLOSED_BY_SERVER))));
    }

    /** The source's process is gone. */
    void sourceDied() {
        if (session.isPresent()) {
            leave();
        }
        atServer.clear();
        connecting = false;
        closing = 0;
        unpause();
    }

    /** The guest was restarted: it forgets what was not answered, and sees its disk as it is. */
    void restart() {
        if (isDirect()) {
            if (session.isPresent()) {
                lose(Ending.LOST);
            }
            unanswered.clear();
            restarting = true;
        }
    }

    boolean isRestarting() {
        return restarting;
    }

    private AttachMode mode() {
        return disk.disk().attachMode();
    }

    private boolean isDirect() {
        return mode() == AttachMode.DIRECT;
    }

    private void connect() {
        Optional<SimulatedSource> source = world.source();
        if (connecting || paused || source.isEmpty() || !world.oneIn(3)) {
            return;
        }
        connecting = true;
        source.get().loop(plaintext).execute(() -> {
            connecting = false;
            open(source.get());
        });
    }

    private void open(SimulatedSource source) {
        ExportName name = new ExportName(guest.vm().name() + "/" + disk.disk().name());
        if (!(source.exports().find(name, Simulation.CLIENT) instanceof ExportDirectory.Found found)) {
            return;
        }
        switch (found.export().open(Simulation.CLIENT)) {
            case Export.Opened opened -> opened(opened.session());
            case Export.Refused refused -> {
                if (refused.refusal().reason() == Refusal.Reason.POLICY) {
                    world.restart(guest);
                }
            }
        }
    }

    private void opened(Session with) {
        world.trace().add(Trace.Word.CLIENT_BACK, connections, () -> name());
        session = Optional.of(with);
        connections++;
        copy = Copy.WANTED;
        if (isDirect()) {
            look();
        }
    }

    /** Reads the disk as it is now, and compares it with what was promised (I1). */
    private void look() {
        looking = true;
        long connection = connections;
        ByteBuffer bytes = ByteBuffer.allocate(GuestDisk.BLOCKS * Op.BLOCK);
        onLoop(on -> on.read(
                new io.tidemark.nbd.Offset(0),
                bytes,
                outcome -> world.reply(() -> {
                    if (connection == connections && session.isPresent()) {
                        looking = false;
                        if (outcome instanceof Outcome.Done) {
                            compare(bytes.array());
                        } else {
                            lose(Ending.LOST);
                        }
                    }
                })));
    }

    private void compare(byte[] bytes) {
        for (int i = 0; i < GuestDisk.BLOCKS; i++) {
            int block = i;
            int found = disk.find(block, bytes);
            int oldest = disk.oldestAllowed(block, restarting);
            Violation.unless(
                    found != GuestDisk.UNKNOWN && found >= oldest,
                    "I1",
                    () -> name() + " block " + block + " shows operation " + found + " of " + disk.block(block)
                            + ", not " + oldest + (restarting ? ", which was promised" : ""));
        }
        if (restarting) {
            disk.restartedWith(bytes);
            restarting = false;
        }
    }

    /** The guest wants something of the disk. */
    private void ask() {
        Random random = world.random();
        boolean flush = random.nextInt(6) == 0;
        if (world.calm() || !guest.runs() || world.restarting(guest) || flying.size() >= IN_FLIGHT_MAX) {
            return;
        }
        int block = random.nextInt(GuestDisk.BLOCKS);
        int count = 1 + random.nextInt(Math.min(3, GuestDisk.BLOCKS - block));
        Op.Kind kind = flush ? Op.Kind.FLUSH : List.of(Op.Kind.values()).get(Math.max(0, random.nextInt(7) - 4));
        Op op = new Op(world.number(), disk.disk().id(), kind, block, count, random.nextInt(6) == 0);
        if (isBusy(op)) {
            return;
        }
        op.issued = world.tick();
        if (op.changes()) {
            disk.issue(op);
        }
        if (mode() == AttachMode.MIRROR_BACKGROUND) {
            op.done = world.tick();
            if (op.changes()) {
                toCopy.set(op.block, op.block + op.count);
            }
        } else if (session.isPresent()) {
            send(op);
        } else {
            op.done = world.tick();
        }
    }

    private boolean isBusy(Op op) {
        return flying.stream().anyMatch(other -> overlap(op, other))
                || unanswered.stream().anyMatch(other -> overlap(op, other));
    }

    private static boolean overlap(Op a, Op b) {
        return a.changes() && b.changes() && a.block < b.block + b.count && b.block < a.block + a.count;
    }

    private void send(Op op) {
        flying.add(op);
        long connection = connections;
        List<Op> before = acknowledged();
        boolean durable = op.durable || !isDirect() || hasToBeDurable();
        world.trace().add(op.changes() ? Trace.Word.WRITE : Trace.Word.FLUSH, op.id, () -> name() + " " + op);
        Sending sending = new Sending(op);
        atServer.add(sending);
        onLoop(on -> Requests.perform(on, op, outcome -> {
            Violation.unless(!sending.answered, "I6", () -> op + " was answered twice");
            sending.answered = true;
            atServer.remove(sending);
            if (outcome instanceof Outcome.Done) {
                replied(sending, before, durable && (!isDirect() || op.durable || hasToBeDurable()));
            }
            world.reply(() -> {
                if (connection == connections && session.isPresent() && flying.remove(op)) {
                    answered(op, outcome);
                }
            });
        }));
    }

    /** What a reply says, at the moment it is given (I1). */
    private void replied(Sending sending, List<Op> before, boolean durable) {
        Op op = sending.op;
        if (world.source().isEmpty()) {
            return;
        }
        Sequence forced = world.source().get().journal().durable();
        if (op.changes()) {
            Violation.unless(
                    sending.record.isAfter(Sequence.NONE), "I1", () -> op + " is acknowledged and in no record");
        }
        boolean covers = op.kind == Op.Kind.FLUSH || op.durable;
        if (covers) {
            world.trace().add(Trace.Word.ACKNOWLEDGE_FLUSH, op.id, () -> name() + " " + op + " durable " + forced);
            before.forEach(each -> promise(each, each.record, forced, op));
        }
        if (op.changes() && durable) {
            promise(op, sending.record, forced, op);
        }
    }

    private static void promise(Op op, Sequence record, Sequence forced, Op by) {
        Violation.unless(
                !record.isAfter(forced),
                "I1",
                () -> op + " is record " + record + ", durable is " + forced + ", and " + by + " was acknowledged");
        op.promised = true;
    }

    private List<Op> acknowledged() {
        List<Op> all = new ArrayList<>();
        for (int i = 0; isDirect() && i < GuestDisk.BLOCKS; i++) {
            disk.block(i).stream().filter(op -> op.done > 0 && !op.promised).forEach(all::add);
        }
        return all;
    }

    private void answered(Op op, Outcome outcome) {
        boolean copied = copies.remove(op);
        boolean done = outcome instanceof Outcome.Done;
        if (done || !isDirect()) {
            op.done = world.tick();
        } else if (op.changes()) {
            unanswered.add(op);
        }
        if (!done && !isDirect()) {
            lose(Ending.LOST); // what we have missed is known to the guest
        } else if (!done && copied) {
            toCopy.set(op.block);
        }
    }

    private boolean hasToBeDurable() {
        return !guest.isBeingRedefined()
                && guest.vm().disk(disk.disk().name()).orElseThrow().acknowledge() == AckPolicy.DURABLE;
    }

    private void copy() {
        switch (copy) {
            case WANTED -> beginCopy();
            case COPYING -> copyBlock();
            case BEGINNING -> {}
            case ENDING -> {}
            case COMPLETE -> {}
        }
    }

    private void beginCopy() {
        boolean told = mode() == AttachMode.FANOUT || world.oneIn(2);
        if (!told) {
            copyAll();
            return;
        }
        copy = Copy.BEGINNING;
        long connection = connections;
        world.source().ifPresent(source -> {
            var unused = source.intake()
                    .beginCopy(disk.disk().id())
                    .thenAccept(answer -> world.reply(() -> begun(connection, answer)));
        });
    }

    private void begun(long connection, Registration answer) {
        if (connection == connections && session.isPresent()) {
            copy = Copy.WANTED;
            if (!(answer instanceof Registration.Refused)) {
                copyAll();
            }
        }
    }

    private void copyAll() {
        copy = Copy.COPYING;
        toCopy.set(0, GuestDisk.BLOCKS);
    }

    private void copyBlock() {
        int from = toCopy.nextSetBit(world.random().nextInt(GuestDisk.BLOCKS));
        int block = from >= 0 ? from : toCopy.nextSetBit(0);
        if (block < 0) {
            if (copies.isEmpty() && flying.isEmpty()) {
                endCopy();
            }
            return;
        }
        List<Op> ops = disk.block(block);
        boolean zero = ops.isEmpty() || ops.getLast().kind != Op.Kind.WRITE;
        long id = zero ? 0 : ops.getLast().id;
        Op op = new Op(id, disk.disk().id(), zero ? Op.Kind.ZERO : Op.Kind.WRITE, block, 1, false);
        if (!isBusy(op)) {
            toCopy.clear(block);
            copies.add(op);
            send(op);
        }
    }

    /** The copy is complete as far as the source of the disk can see; a background mirror's job has to end with it. */
    private void endCopy() {
        if (isLast() && !paused) {
            if (!world.calm() || world.othersAreDone(guest)) {
                paused = true;
                guest.pause();
            }
            return;
        }
        copy = Copy.ENDING;
        long connection = connections;
        world.source()
                .ifPresent(source -> world.gaps(source, guest, disk.disk().id(), gaps -> {
                    if (connection == connections && session.isPresent()) {
                        var unused = source.intake()
                                .endCopy(disk.disk().id(), gaps)
                                .thenAccept(answer -> world.reply(() -> ended(connection, answer)));
                    }
                }));
    }

    private void ended(long connection, Registration answer) {
        if (connection != connections || session.isEmpty()) {
            return;
        }
        if (answer instanceof Registration.Refused) {
            copy = world.oneIn(3) ? Copy.WANTED : Copy.COPYING;
            return;
        }
        copy = Copy.COMPLETE;
        if (paused && !world.calm()) {
            lose(Ending.DISCONNECTED); // the job is over
        }
    }

    /** The owner of the streams hears of it after all that was asked for before. */
    private void lose(Ending ending) {
        Session over = session.orElseThrow();
        leave();
        closing++;
        world.source().ifPresent(source -> source.loop(plaintext).execute(() -> {
            over.close(ending);
            source.loop(true).execute(() -> {
                closing--;
                unpause();
            });
        }));
    }

    private void leave() {
        world.trace().add(Trace.Word.CLIENT_LOST, connections, () -> name());
        session = Optional.empty();
        looking = false;
        copy = Copy.WANTED;
        for (Op op : flying) {
            if (isDirect() && op.changes()) {
                unanswered.add(op);
            } else if (!isDirect()) {
                op.done = world.tick();
            }
        }
        flying.clear();
        copies.clear();
    }

    private void unpause() {
        if (paused) {
            paused = false;
            guest.goOn();
        }
    }

    private void onLoop(java.util.function.Consumer<Session> request) {
        Session on = session.orElseThrow();
        world.source().ifPresent(source -> source.loop(plaintext).execute(() -> request.accept(on)));
    }

    @Override
    public String toString() {
        return name() + " " + mode() + " copy " + copy + " to copy " + toCopy + " flying " + flying + " unanswered "
                + unanswered + " connected " + session.isPresent() + " looking " + looking + " restarting "
                + restarting;
    }

    private String name() {
        return guest.vm().name() + "/" + disk.disk().name();
    }
}
