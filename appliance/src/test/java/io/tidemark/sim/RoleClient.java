package io.tidemark.sim;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.Session;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** A guest's disk at one of the sites, whoever should be running: it writes where it is let, one thing at a time. */
final class RoleClient {

    private final RoleSimulation world;
    private final RoleSite site;
    private final Vm vm;
    private final Disk disk;
    private Optional<RoleSite.Life> life = Optional.empty();
    private Optional<Session> session = Optional.empty();
    private Optional<StreamId> stream = Optional.empty();
    private boolean busy;

    RoleClient(RoleSimulation world, RoleSite site, Vm vm, Disk disk) {
        this.world = world;
        this.site = site;
        this.vm = vm;
        this.disk = disk;
    }

    void act() {
        if (!life.equals(site.life())) {
            life = site.life();
            session = Optional.empty();
            busy = false;
        }
        if (busy || life.filter(RoleSite.Life::isOpen).isEmpty()) {
            return;
        }
        if (session.isEmpty()) {
            on(() -> connect(life.orElseThrow()));
        } else if (world.oneIn(20)) {
            Session over = session.get();
            session = Optional.empty();
            on(() -> over.close(Ending.DISCONNECTED));
        } else if (world.calm() || world.oneIn(4)) {
            Session open = session.get();
            StreamId read = stream.orElseThrow();
            on(() -> look(open, read));
        } else {
            Session open = session.get();
            on(() -> change(open));
        }
    }

    private void on(Runnable task) {
        life.orElseThrow().source().loop(true).execute(task);
    }

    private void connect(RoleSite.Life at) {
        ExportName name = new ExportName(vm.name() + "/" + disk.name());
        if (session.isPresent()
                || !(at.source().exports().find(name, Simulation.CLIENT) instanceof ExportDirectory.Found found)) {
            return;
        }
        switch (found.export().open(Simulation.CLIENT)) {
            case Export.Opened opened -> {
                session = Optional.of(opened.session());
                stream = world.diskOf(site, vm.id(), disk.name());
            }
            case Export.Refused refused -> {
                if (refused.refusal().reason() == Refusal.Reason.POLICY) {
                    var unused = at.source().intake().guestRestarted(vm.id());
                }
            }
        }
    }

    /** Nothing is being written: the disk is what its records have made of what it began with (I3, I11). */
    private void look(Session at, StreamId read) {
        if (busy || session.filter(at::equals).isEmpty()) {
            return;
        }
        busy = true;
        Optional<RoleSite.Life> now = life;
        Sequence last = site.history().last();
        ByteBuffer bytes = ByteBuffer.allocate((int) disk.sizeBytes());
        at.read(
                new Offset(0),
                bytes,
                outcome -> world.checking(() -> {
                    if (now.equals(site.life())) {
                        busy = false;
                        if (outcome instanceof Outcome.Done) {
                            byte[] expected = site.history().diskAt(read, last, bytes.capacity());
                            Violation.unless(
                                    Arrays.equals(bytes.array(), Arrays.copyOf(expected, bytes.capacity())),
                                    "I11",
                                    () -> vm.name() + "/" + disk.name() + " at " + site + ", record " + last
                                            + ", differs from what it was promoted from and written since, from byte "
                                            + Arrays.mismatch(bytes.array(), expected));
                        } else {
                            session = Optional.empty();
                        }
                    }
                }));
    }

    private void change(Session at) {
        if (busy || session.filter(at::equals).isEmpty()) {
            return;
        }
        busy = true;
        Optional<RoleSite.Life> now = life;
        boolean flush = world.oneIn(4);
        int block = world.random().nextInt((int) (disk.sizeBytes() / Op.BLOCK));
        Op op = new Op(world.number(), disk.id(), flush ? Op.Kind.FLUSH : Op.Kind.WRITE, block, 1, world.oneIn(4));
        Requests.perform(
                at,
                op,
                outcome -> world.checking(() -> {
                    if (now.equals(site.life())) {
                        busy = false;
                        if (outcome instanceof Outcome.Done && op.changes()) {
                            world.acknowledged(site, vm.id());
                        } else if (!(outcome instanceof Outcome.Done)) {
                            session = Optional.empty();
                        }
                    }
                }));
    }
}
