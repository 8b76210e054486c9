package io.tidemark.sim;

import io.tidemark.intake.Registration;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.Priority;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Registers, changes and removes VMs, and restarts guests; asks again when the source died before it answered. */
final class Operator {

    private static final int GUESTS_MAX = 4;
    private static final int DISKS_EVER_MAX = 6;

    private final class Wish {

        private final Guest guest;
        private final Function<SimulatedSource, CompletableFuture<Registration>> question;
        private final Runnable then;
        private final boolean restart;
        private boolean asked;

        Wish(
                Guest guest,
                Function<SimulatedSource, CompletableFuture<Registration>> question,
                Runnable then,
                boolean restart) {
            this.guest = guest;
            this.restart = restart;
            this.question = question;
            this.then = then;
        }

        void ask(SimulatedSource source) {
            asked = true;
            var unused = question.apply(source)
                    .whenComplete((registration, failure) -> world.reply(() -> {
                        asked = false;
                        if (failure == null && !(registration instanceof Registration.Refused) && wishes.remove(this)) {
                            then.run();
                        }
                    }));
        }
    }

    private final Simulation world;
    private final List<Wish> wishes = new ArrayList<>();
    private int guests;

    Operator(Simulation world) {
        this.world = world;
    }

    boolean isDone() {
        return wishes.isEmpty();
    }

    /** Nothing that was asked is answered any more; and who was restarted before the power went may have to be once more. */
    void sourceDied(boolean power) {
        wishes.removeIf(wish -> power && wish.restart);
        wishes.forEach(wish -> wish.asked = false);
    }

    void act() {
        Random random = world.random();
        if (!world.calm() && wishes.isEmpty()) {
            if (guests < GUESTS_MAX && world.oneIn(1 + 3 * guests)) {
                register();
            } else if (world.oneIn(4)) {
                world.anyGuest()
                        .ifPresent(List.<Consumer<Guest>>of(
                                        this::remove,
                                        this::change,
                                        this::change,
                                        this::copy,
                                        this::grow,
                                        this::addDisk,
                                        this::takeOut)
                                .get(random.nextInt(7)));
            }
        }
        List<Wish> open = wishes.stream().filter(wish -> !wish.asked).toList();
        if (!open.isEmpty()) {
            world.source()
                    .ifPresent(source -> open.get(random.nextInt(open.size())).ask(source));
        }
    }

    /** The guest was started again. */
    void restarted(Guest guest) {
        if (wishes.stream().noneMatch(wish -> wish.guest == guest)) {
            wishes.add(new Wish(
                    guest, source -> source.intake().guestRestarted(guest.vm().id()), () -> {}, true));
        }
    }

    private void register() {
        Random random = world.random();
        int number = ++guests;
        List<Disk> disks = new ArrayList<>();
        boolean direct = random.nextBoolean();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            disks.add(disk(new StreamId(new UUID(number, i + 1)), new Name("disk" + i), direct));
        }
        Vm vm = new Vm(new VmId(new UUID(100, number)), new Name("vm" + number), disks, Definition.NONE)
                .with(List.of(Priority.values()).get(random.nextInt(3)));
        Guest guest = world.add(vm);
        wish(guest, source -> source.intake().define(vm), guest::register);
    }

    private void change(Guest guest) {
        if (!guest.protectedNow()) {
            return;
        }
        List<Disk> disks = guest.vm().disks().stream()
                .map(disk -> disk.attachMode() == AttachMode.DIRECT
                                && world.random().nextBoolean()
                        ? new Disk(
                                disk.id(),
                                disk.name(),
                                disk.sizeBytes(),
                                disk.attachMode(),
                                List.of(AckPolicy.values()).get(world.random().nextInt(2)))
                        : disk)
                .toList();
        change(guest, disks);
    }

    /** A disk becomes larger. */
    private void grow(Guest guest) {
        if (!guest.protectedNow()) {
            return;
        }
        List<Disk> disks = new ArrayList<>(guest.vm().disks());
        int number = world.random().nextInt(disks.size());
        Disk disk = disks.get(number);
        long more =
                (long) world.random().nextInt(1 + GuestDisk.BLOCKS - (int) (disk.sizeBytes() / Op.BLOCK)) * Op.BLOCK;
        disks.set(
                number,
                new Disk(disk.id(), disk.name(), disk.sizeBytes() + more, disk.attachMode(), disk.acknowledge()));
        change(guest, disks);
    }

    /** It may bear the name of one that was taken out. */
    private void addDisk(Guest guest) {
        int ever = guest.disksEver();
        if (!guest.protectedNow() || ever >= DISKS_EVER_MAX) {
            return;
        }
        List<Disk> disks = new ArrayList<>(guest.vm().disks());
        boolean direct = disks.getFirst().attachMode() == AttachMode.DIRECT;
        Name name = new Name("disk" + ever);
        for (int i = 0; i < ever; i++) {
            Name free = new Name("disk" + i);
            name = guest.vm().disk(free).isEmpty() ? free : name;
        }
        long number = guest.vm().id().id().getLeastSignificantBits();
        disks.add(disk(new StreamId(new UUID(number, ever + 1)), name, direct));
        change(guest, disks);
    }

    /** The guest does without a disk of its. */
    private void takeOut(Guest guest) {
        List<Disk> disks = new ArrayList<>(guest.vm().disks());
        if (guest.protectedNow() && disks.size() > 1) {
            Disk gone = disks.remove(world.random().nextInt(disks.size()));
            guest.disk(gone).end();
            change(guest, disks);
        }
    }

    private Disk disk(StreamId stream, Name name, boolean direct) {
        Random random = world.random();
        AttachMode mode =
                direct ? AttachMode.DIRECT : List.of(AttachMode.values()).get(random.nextInt(4));
        AckPolicy policy = mode == AttachMode.DIRECT && random.nextBoolean() ? AckPolicy.JOURNALED : AckPolicy.DURABLE;
        long blocks = random.nextBoolean() ? GuestDisk.BLOCKS : GuestDisk.FEW_BLOCKS;
        return new Disk(stream, name, blocks * Op.BLOCK, mode, policy);
    }

    private void change(Guest guest, List<Disk> disks) {
        Vm changed = guest.vm().on(disks);
        guest.redefining();
        wish(guest, source -> source.intake().define(changed), () -> guest.redefine(changed)
                .forEach(added -> world.add(guest, added)));
    }

    /** What the replica has of a disk is in doubt. */
    private void copy(Guest guest) {
        if (guest.protectedNow()) {
            List<Disk> disks = guest.vm().disks();
            StreamId disk = disks.get(world.random().nextInt(disks.size())).id();
            wish(guest, source -> source.intake().copyToReplica(disk), () -> {});
        }
    }

    private void remove(Guest guest) {
        if (guest.protectedNow() && guests == GUESTS_MAX) {
            guest.end();
            wish(guest, source -> source.intake().remove(guest.vm().id()), () -> {});
        }
    }

    private void wish(Guest guest, Function<SimulatedSource, CompletableFuture<Registration>> question, Runnable then) {
        wishes.add(new Wish(guest, question, then, false));
    }
}
