package io.tidemark.sim;

import io.tidemark.intake.Registration;
import io.tidemark.vm.AttachMode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What a guest does that has its disk itself: it copies all of it to us when it is connected, and says when that is done. */
final class MirrorCopy {

    private enum State {
        WANTED,
        BEGINNING,
        COPYING,
        ENDING,
        COMPLETE
    }

    private final Simulation world;
    private final SimulatedClient client;
    private final GuestDisk disk;
    private final List<Op> flying = new ArrayList<>();
    private final BitSet dirty = new BitSet();
    private State state = State.WANTED;
    private boolean paused;

    MirrorCopy(Simulation world, SimulatedClient client) {
        this.world = world;
        this.client = client;
        this.disk = client.disk();
    }

    boolean complete() {
        return state == State.COMPLETE;
    }

    /** The guest waits for the end of the copy. */
    boolean paused() {
        return paused;
    }

    /** The connection is another one, or none: all of the disk has to be copied again. */
    void beginAnew() {
        state = State.WANTED;
        flying.clear();
    }

    /** The guest has changed its disk and leaves it to us to see that. */
    void changed(Op op) {
        dirty.set(op.block, op.block + op.count);
    }

    void answered(Op op) {
        flying.remove(op);
    }

    /** Goes on by a step. */
    void act() {
        switch (state) {
            case WANTED -> begin();
            case COPYING -> copyBlock();
            case BEGINNING -> {}
            case ENDING -> {}
            case COMPLETE -> {}
        }
    }

    void unpause() {
        if (paused) {
            paused = false;
            client.guest().goOn();
        }
    }

    private void begin() {
        boolean told = client.mode() == AttachMode.FANOUT || world.oneIn(2);
        if (!told) {
            copyAll();
            return;
        }
        state = State.BEGINNING;
        long connection = client.connection();
        world.source().ifPresent(source -> {
            var unused = source.intake()
                    .beginCopy(disk.disk().id())
                    .thenAccept(answer -> world.reply(() -> begun(connection, answer)));
        });
    }

    private void begun(long connection, Registration answer) {
        if (client.stillHas(connection)) {
            state = State.WANTED;
            if (!(answer instanceof Registration.Refused)) {
                copyAll();
            }
        }
    }

    private void copyAll() {
        state = State.COPYING;
        dirty.set(0, client.blocks());
    }

    private void copyBlock() {
        int from = dirty.nextSetBit(world.random().nextInt(client.blocks()));
        int block = from >= 0 ? from : dirty.nextSetBit(0);
        if (block < 0) {
            if (flying.isEmpty() && client.isIdle()) {
                end();
            }
            return;
        }
        List<Op> ops = disk.block(block);
        boolean zero = ops.isEmpty() || ops.getLast().kind != Op.Kind.WRITE;
        long id = zero ? 0 : ops.getLast().id;
        Op op = new Op(id, disk.disk().id(), zero ? Op.Kind.ZERO : Op.Kind.WRITE, block, 1, false);
        if (!client.isBusy(op)) {
            dirty.clear(block);
            flying.add(op);
            client.send(op);
        }
    }

    /** The copy is complete as far as the source of the disk can see; a background mirror's job has to end with it. */
    private void end() {
        if (client.isLast() && !paused) {
            if (!world.calm() || world.othersAreDone(client.guest())) {
                paused = true;
                client.guest().pause();
            }
            return;
        }
        state = State.ENDING;
        long connection = client.connection();
        world.source()
                .ifPresent(
                        source -> world.gaps(source, client.guest(), disk.disk().id(), gaps -> {
                            if (client.stillHas(connection)) {
                                var unused = source.intake()
                                        .endCopy(disk.disk().id(), gaps)
                                        .thenAccept(answer -> world.reply(() -> ended(connection, answer)));
                            }
                        }));
    }

    private void ended(long connection, Registration answer) {
        if (!client.stillHas(connection)) {
            return;
        }
        if (answer instanceof Registration.Refused) {
            state = world.oneIn(3) ? State.WANTED : State.COPYING;
            return;
        }
        state = State.COMPLETE;
        if (paused && !world.calm()) {
            client.disconnect(); // the job is over
        }
    }

    @Override
    public String toString() {
        return "copy " + state + " to copy " + dirty;
    }
}
