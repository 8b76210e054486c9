package io.tidemark.sim;

import io.tidemark.nbd.Completion;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The client of one disk. In mode direct our export is the disk: what was not answered is asked for again. In all others the guest
 * has the disk itself, goes on without us when we are gone, and copies everything when it comes back.
 */
final class SimulatedClient {

    private static final int IN_FLIGHT_MAX = 16;

    private final Simulation world;
    private final Guest guest;
    private final GuestDisk disk;
    private final boolean plaintext;
    private final List<Op> flying = new ArrayList<>();
    private final List<Op> unanswered = new ArrayList<>();
    private final MirrorCopy copy;
    private final Replies replies;
    private Optional<Session> session = Optional.empty();
    private long connections;
    private int blocks;
    private int closing;
    private boolean connecting;
    private boolean looking;
    private boolean restarting;

    SimulatedClient(Simulation world, Guest guest, GuestDisk disk) {
        this.world = world;
        this.guest = guest;
        this.disk = disk;
        this.copy = new MirrorCopy(world, this);
        this.replies = new Replies(world, name());
        this.plaintext = world.random().nextInt(3) > 0;
        this.blocks = (int) (disk.disk().sizeBytes() / Op.BLOCK);
    }

    GuestDisk disk() {
        return disk;
    }

    Guest guest() {
        return guest;
    }

    /** How large the disk is, as far as the client knows. */
    int blocks() {
        return blocks;
    }

    AttachMode mode() {
        return disk.disk().attachMode();
    }

    Replies replies() {
        return replies;
    }

    /** Which connection it is that the client has or had. */
    long connection() {
        return connections;
    }

    boolean stillHas(long connection) {
        return connection == connections && session.isPresent();
    }

    /** Nothing is at the server. */
    boolean isIdle() {
        return flying.isEmpty();
    }

    /** Nothing that the source does not know of yet has happened to a connection. */
    boolean isSettled() {
        return closing == 0 && !connecting;
    }

    /** Everything was asked for, answered and copied. */
    boolean isDone() {
        return isOver()
                || (session.isPresent()
                        && !looking
                        && !restarting
                        && flying.isEmpty()
                        && unanswered.isEmpty()
                        && (isDirect() || copy.complete()));
    }

    /** Whether others have to be done before this one can be. */
    boolean isLast() {
        return mode() == AttachMode.MIRROR_BACKGROUND;
    }

    /** Does something. */
    void act() {
        if (isOver() || !guest.protectedNow()) {
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
        } else if (!isDirect() && !copy.complete() && world.oneIn(2)) {
            copy.act();
        } else {
            ask();
        }
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
        replies.sourceDied();
        connecting = false;
        closing = 0;
        copy.unpause();
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
        return restarting && !isOver();
    }

    /** Nobody needs the disk any more. */
    private boolean isOver() {
        return guest.ended() || disk.ended();
    }

    private boolean isDirect() {
        return mode() == AttachMode.DIRECT;
    }

    private void connect() {
        Optional<SimulatedSource> source = world.source();
        if (connecting || copy.paused() || source.isEmpty() || !world.oneIn(3)) {
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
        int offered = (int) (found.export().info().size().bytes() / Op.BLOCK);
        if (offered < blocks) {
            return; // the power has taken the record of a growth, which nobody was told is done
        }
        switch (found.export().open(Simulation.CLIENT)) {
            case Export.Opened opened -> {
                blocks = offered;
                opened(opened.session());
            }
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
        copy.beginAnew();
        if (isDirect()) {
            look();
        }
    }

    /** Reads the disk as it is now, and compares it with what was promised (I1). */
    private void look() {
        looking = true;
        long connection = connections;
        ByteBuffer bytes = ByteBuffer.allocate(blocks * Op.BLOCK);
        onLoop(on -> on.read(
                new io.tidemark.nbd.Offset(0),
                bytes,
                outcome -> world.reply(() -> {
                    if (stillHas(connection)) {
                        looking = false;
                        if (outcome instanceof Outcome.Done) {
                            saw(Arrays.copyOf(bytes.array(), GuestDisk.BLOCKS * Op.BLOCK));
                        } else {
                            lose(Ending.LOST);
                        }
                    }
                })));
    }

    private void saw(byte[] bytes) {
        disk.check(bytes, restarting, name());
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
        int block = random.nextInt(blocks);
        int count = 1 + random.nextInt(Math.min(3, blocks - block));
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
                copy.changed(op);
            }
        } else if (session.isPresent()) {
            send(op);
        } else {
            op.done = world.tick();
        }
    }

    /** Whether something that it touches is being changed, so that it has to wait. */
    boolean isBusy(Op op) {
        return flying.stream().anyMatch(other -> overlap(op, other))
                || unanswered.stream().anyMatch(other -> overlap(op, other));
    }

    private static boolean overlap(Op a, Op b) {
        return a.changes() && b.changes() && a.block < b.block + b.count && b.block < a.block + a.count;
    }

    void send(Op op) {
        flying.add(op);
        long connection = connections;
        world.trace().add(op.changes() ? Trace.Word.WRITE : Trace.Word.FLUSH, op.id, () -> name() + " " + op);
        Completion completion = replies.expect(
                op,
                isDirect() ? disk.unpromised() : List.of(),
                () -> op.durable || !isDirect() || hasToBeDurable(),
                outcome -> world.reply(() -> {
                    if (stillHas(connection) && flying.remove(op)) {
                        answered(op, outcome);
                    }
                }));
        onLoop(on -> Requests.perform(on, op, completion));
    }

    private void answered(Op op, Outcome outcome) {
        copy.answered(op);
        boolean done = outcome instanceof Outcome.Done;
        if (done || !isDirect()) {
            op.done = world.tick();
        } else if (op.changes()) {
            unanswered.add(op);
        }
        if (!done && !isDirect()) {
            lose(Ending.LOST); // what we have missed is known to the guest
        }
    }

    private boolean hasToBeDurable() {
        return !guest.isBeingRedefined()
                && guest.vm()
                        .disk(disk.disk().id())
                        .filter(now -> now.acknowledge() == AckPolicy.DURABLE)
                        .isPresent();
    }

    /** In good order. */
    void disconnect() {
        lose(Ending.DISCONNECTED);
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
                copy.unpause();
            });
        }));
    }

    private void leave() {
        world.trace().add(Trace.Word.CLIENT_LOST, connections, () -> name());
        session = Optional.empty();
        looking = false;
        copy.beginAnew();
        for (Op op : flying) {
            if (isDirect() && op.changes()) {
                unanswered.add(op);
            } else if (!isDirect()) {
                op.done = world.tick();
            }
        }
        flying.clear();
    }

    private void onLoop(java.util.function.Consumer<Session> request) {
        Session on = session.orElseThrow();
        world.source().ifPresent(source -> source.loop(plaintext).execute(() -> request.accept(on)));
    }

    @Override
    public String toString() {
        return name() + " " + mode() + " " + copy + " flying " + flying + " unanswered "
                + unanswered + " connected " + session.isPresent() + " looking " + looking + " restarting "
                + restarting;
    }

    private String name() {
        return guest.vm().name() + "/" + disk.disk().name();
    }
}
