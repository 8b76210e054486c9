package io.tidemark.sim;

import io.tidemark.intake.LifeBefore;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.InMemoryJournal;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.nbd.Client;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * One run: guests and their clients, an operator, two sites and the network between them, and faults. Then the faults stop, and
 * everything has to become a point (I9).
 */
final class Simulation {

    static final Client CLIENT = new Client(new InetSocketAddress(0), new Client.Plaintext());
    private static final int CALM_STEPS_MAX = 60_000;
    private static final int ONE_IN_STARTS_DIES = 4;
    private static final int STEPS_OF_A_START = 20;
    private static final Duration REPLY_MAX = Duration.ofMillis(2);

    private final Scheduler scheduler;
    private final Trace trace;
    private final int steps;
    private final int faultOnceIn;
    private final long quota;
    private final BacklogLimit limit;
    private final Duration window;
    private final History history = new History();
    private final SimulatedDisk sourceDisk;
    private final SimulatedDisk replicaDisk;
    private final SimulatedLink link;
    private final SimulatedThread network;
    private final Operator operator = new Operator(this);
    private final Inspector inspector = new Inspector(this);
    private final Map<VmId, Guest> guests = new LinkedHashMap<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private SimulatedProcess sourceProcess;
    private SimulatedProcess replicaProcess;
    private Optional<SimulatedSource> source = Optional.empty();
    private Optional<SimulatedReplica> replica = Optional.empty();
    private Optional<Violation> violation = Optional.empty();
    private boolean calm;
    private long boots = 1;
    private long ticks;
    private long numbers;

    Simulation(long seed, int steps, Trace trace) {
        this.scheduler = new Scheduler(seed);
        this.trace = trace;
        this.steps = steps;
        this.faultOnceIn = random().nextInt(4) == 0 ? 2000 : 60 + random().nextInt(200);
        boolean narrow = random().nextInt(4) == 0;
        boolean givesUp = random().nextBoolean();
        this.limit = new BacklogLimit(givesUp ? 0.7 : 1);
        this.quota = !narrow
                ? 1 << 30
                : givesUp ? 64 << 10 : 24 << 10; // what is given up is more than what is said anew for it
        this.window = random().nextBoolean() ? scheduler.upTo(Duration.ofMillis(300)) : Duration.ofDays(1);
        this.sourceDisk = new SimulatedDisk(random());
        this.replicaDisk = new SimulatedDisk(random());
        this.link = new SimulatedLink(scheduler, trace);
        this.network = scheduler.thread("network");
        this.sourceProcess = new SimulatedProcess(scheduler);
        this.replicaProcess = new SimulatedProcess(scheduler);
        sourceDisk.journal().watch(this::appended);
        replicaDisk.journal().watch(this::received);
    }

    /** Runs to its end; a {@link Violation} if an invariant does not hold on the way. */
    void run() throws IOException {
        for (int i = 0; i < steps; i++) {
            step(scheduler.oneIn(faultOnceIn));
        }
        calm = true;
        sourceDisk.repair();
        replicaDisk.repair();
        source.ifPresent(site -> site.journal().repair());
        replica.ifPresent(site -> site.journal().repair());
        link.up(true);
        for (int i = 0; unfinished().isPresent(); i++) {
            if (i > CALM_STEPS_MAX) {
                throw new Violation("I9", unfinished().orElseThrow());
            }
            step(false);
        }
        inspector.lookAtAll(replica.orElseThrow());
        for (int i = 0; i < 3000; i++) {
            scheduler.step();
            verdict();
        }
    }

    Random random() {
        return scheduler.random();
    }

    boolean oneIn(int times) {
        return scheduler.oneIn(times);
    }

    Trace trace() {
        return trace;
    }

    History history() {
        return history;
    }

    int inspected() {
        return inspector.inspected();
    }

    /** The source's process, if it lives. */
    Optional<SimulatedSource> source() {
        return source.filter(SimulatedSource::lives);
    }

    /** Whether there are no faults and no new wishes any more. */
    boolean calm() {
        return calm;
    }

    /** The next instant in the order of all that guests ask for and are told. */
    long tick() {
        return ++ticks;
    }

    long number() {
        return ++numbers;
    }

    Guest guest(VmId vm) {
        return Objects.requireNonNull(guests.get(vm));
    }

    Guest add(Vm vm) {
        Guest guest = new Guest(vm);
        guests.put(vm.id(), guest);
        guest.disks().forEach(disk -> clients.add(new SimulatedClient(this, guest, disk)));
        return guest;
    }

    Optional<Guest> anyGuest() {
        List<Guest> all = List.copyOf(guests.values());
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random().nextInt(all.size())));
    }

    /** A reply reaches whom it is for, some time later. */
    void reply(Runnable told) {
        network.after(scheduler.upTo(REPLY_MAX), told);
    }

    /** Somebody catches what is thrown in there: it is remembered. */
    void checking(Runnable check) {
        try {
            check.run();
        } catch (Violation found) {
            violation = violation.or(() -> Optional.of(found));
            throw found;
        }
    }

    /** What an operator reads of a disk before he says that its copy is complete. */
    void gaps(SimulatedSource of, Guest guest, StreamId stream, IntConsumer then) {
        var unused = of.intake()
                .status()
                .thenAccept(all -> reply(() -> all.stream()
                        .filter(vm -> vm.vm().id().equals(guest.vm().id()))
                        .flatMap(vm -> vm.disks().stream())
                        .filter(disk -> disk.disk().id().equals(stream))
                        .findFirst()
                        .ifPresent(disk -> then.accept(disk.state().gaps()))));
    }

    /** Clients are refused until the guest was restarted: it is. */
    void restart(Guest guest) {
        if (!restarting(guest)) {
            clients.stream().filter(client -> client.guest() == guest).forEach(SimulatedClient::restart);
        }
        operator.restarted(guest);
    }

    boolean restarting(Guest guest) {
        return clients.stream().anyMatch(client -> client.guest() == guest && client.isRestarting());
    }

    /** Whether all clients of the guest but those that have to wait are done. */
    boolean othersAreDone(Guest guest) {
        return clients.stream()
                .filter(client -> client.guest() == guest && !client.isLast())
                .allMatch(SimulatedClient::isDone);
    }

    /** Whether all that has happened to clients is known at the source, and everything there at the replica. */
    boolean settled() {
        return source().isPresent()
                && replica.filter(SimulatedReplica::lives).isPresent()
                && clients.stream().allMatch(SimulatedClient::isSettled)
                && source.get()
                        .journal()
                        .appended()
                        .equals(replica.get().journal().durable());
    }

    private void step(boolean withFault) throws IOException {
        int choice = random().nextInt(100);
        try {
            if (withFault) {
                fault();
            } else if (source.isEmpty() && (calm || oneIn(15))) {
                startSource();
            } else if (replica.isEmpty() && (calm || oneIn(15))) {
                startReplica();
            } else if (source.filter(SimulatedSource::failed).isPresent() && (calm || oneIn(30))) {
                startAgain(this::stopSource, this::endSource);
            } else if (replica.filter(SimulatedReplica::failed).isPresent() && (calm || oneIn(30))) {
                startAgain(this::stopReplica, this::endReplica);
            } else if (choice < 60) {
                scheduler.step();
            } else if (choice < 95 && !clients.isEmpty()) {
                clients.get(random().nextInt(clients.size())).act();
            } else if (choice < 98) {
                operator.act();
            } else {
                replica.ifPresent(inspector::look);
            }
        } catch (ProcessDied died) {
            trace.add(Trace.Word.DIE_IN_THE_MIDDLE, 0, () -> ""); // whose, its disk knows
        } catch (Fault fault) {
            if (source.filter(SimulatedSource::failed).isEmpty()) {
                throw fault; // else the journal has failed, and has not told everybody yet: a thread logs that and goes
                // on
            }
        }
        verdict();
        if (sourceDisk.dying()) {
            endSource(oneIn(2));
        }
        if (replicaDisk.dying()) {
            endReplica(oneIn(2));
        }
        replica.ifPresent(inspector::follow);
    }

    private void verdict() {
        violation.ifPresent(found -> {
            throw found;
        });
    }

    private void fault() {
        switch (random().nextInt(15)) {
            case 0 -> ifThere(source, () -> endSource(false));
            case 1 -> ifThere(source, () -> endSource(true));
            case 2 -> ifThere(source, () -> sourceDisk.dieAfter(1 + random().nextInt(40)));
            case 3 -> ifThere(replica, () -> endReplica(false));
            case 4 -> ifThere(replica, () -> endReplica(true));
            case 5 -> ifThere(replica, () -> replicaDisk.dieAfter(1 + random().nextInt(40)));
            case 6 -> breakLink();
            case 7 -> link.up(!link.up());
            case 8 -> scheduler.jump(Duration.ofSeconds(random().nextInt(20_000) - 10_000));
            case 9 -> ifThere(source, this::stopSource);
            case 10 -> ifThere(replica, this::stopReplica);
            case 11 -> source.ifPresent(site -> failNextForce(Trace.Word.FAIL_FORCE_SOURCE, site.journal()));
            case 12 -> replica.ifPresent(site -> failNextForce(Trace.Word.FAIL_FORCE_REPLICA, site.journal()));
            case 13 -> ifThere(source, () -> failNext(Trace.Word.FAIL_FORCE_SOURCE, sourceDisk));
            default -> ifThere(replica, () -> failNext(Trace.Word.FAIL_FORCE_REPLICA, replicaDisk));
        }
    }

    private void failNext(Trace.Word word, SimulatedDisk disk) {
        SimulatedDisk.Part part = List.of(SimulatedDisk.Part.values()).get(random().nextInt(3));
        trace.add(word, part.name().length(), part::name);
        disk.failNext(part);
    }

    private void failNextForce(Trace.Word word, InMemoryJournal journal) {
        trace.add(word, 0, () -> "journal");
        journal.failNextForce("Input/output error", random().nextInt(8));
    }

    /** A person has seen that a site has failed, and starts it again; another process does, after this. */
    private void startAgain(Runnable stop, Consumer<Boolean> end) {
        if (oneIn(2)) {
            stop.run();
        } else {
            end.accept(false);
        }
    }

    private static void ifThere(Optional<?> site, Runnable fault) {
        if (site.isPresent()) {
            fault.run();
        }
    }

    private void breakLink() {
        trace.add(Trace.Word.BREAK_LINK, 0, () -> "");
        link.breakSessions();
    }

    private void startSource() throws IOException {
        begin(sourceDisk);
        sourceProcess = new SimulatedProcess(scheduler);
        UUID boot = new UUID(3, boots);
        LifeBefore before = history.lifeBefore(boot);
        trace.add(Trace.Word.START_SOURCE, before.name().length(), before::name);
        try {
            source = Optional.of(
                    new SimulatedSource(scheduler, sourceProcess, sourceDisk, link, before, boot, quota, limit));
        } catch (IOException | UncheckedIOException e) {
            if (!sourceDisk.failed()) {
                throw e;
            }
            endSource(false);
        }
    }

    private void startReplica() {
        begin(replicaDisk);
        replicaProcess = new SimulatedProcess(scheduler);
        trace.add(Trace.Word.START_REPLICA, 0, () -> "");
        replica = Optional.of(new SimulatedReplica(scheduler, replicaProcess, replicaDisk, link, window));
    }

    /** Another process uses the disk; it may die before it has come far. */
    private void begin(SimulatedDisk disk) {
        disk.begin();
        if (!calm && oneIn(ONE_IN_STARTS_DIES)) {
            disk.dieAfter(1 + random().nextInt(STEPS_OF_A_START));
        }
    }

    private void endSource(boolean power) {
        trace.add(
                power ? Trace.Word.POWER_CUT_SOURCE : Trace.Word.KILL_SOURCE,
                history.last().number(),
                () -> "");
        boolean forgets =
                source.filter(site -> site.journal().fault().isPresent()).isPresent()
                        && sourceDisk
                                .files()
                                .has("possible-loss") // else nobody would hear of it, which is the limit of what can
                        // be promised
                        && oneIn(2);
        link.senderDied();
        source.ifPresent(SimulatedSource::kill);
        sourceProcess.end();
        source = Optional.empty();
        sourceDisk.begin();
        if (power) {
            boots++;
            sourceDisk.cutPower();
        } else if (forgets) {
            sourceDisk.journal().cutPower(random().nextInt(4));
        }
        history.forgetBehind(sourceDisk.journal().last());
        clients.forEach(SimulatedClient::sourceDied);
        operator.sourceDied(power || forgets);
    }

    private void endReplica(boolean power) {
        trace.add(power ? Trace.Word.POWER_CUT_REPLICA : Trace.Word.KILL_REPLICA, 0, () -> "");
        boolean forgets =
                replica.filter(site -> site.journal().fault().isPresent()).isPresent() && oneIn(2);
        link.receiverDied();
        replica.ifPresent(SimulatedReplica::kill);
        replicaProcess.end();
        replica = Optional.empty();
        replicaDisk.begin();
        if (power) {
            replicaDisk.cutPower();
        } else if (forgets) {
            replicaDisk.journal().cutPower(random().nextInt(4));
        }
        inspector.lost(replicaDisk.journal().last());
    }

    /** In good order, if it lives long enough for that. */
    private void stopSource() {
        trace.add(Trace.Word.STOP_SOURCE, 0, () -> "");
        clients.forEach(SimulatedClient::serverStops);
        try {
            source.orElseThrow().stop();
        } catch (Fault died) {
            if (!sourceDisk.dying() && !source.orElseThrow().failed()) {
                throw died;
            }
        }
        if (!sourceDisk.dying()) {
            link.senderDied();
            sourceProcess.end();
            source = Optional.empty();
            clients.forEach(SimulatedClient::sourceDied);
            operator.sourceDied(false);
        }
    }

    private void stopReplica() {
        trace.add(Trace.Word.STOP_REPLICA, 0, () -> "");
        link.receiverDied();
        try {
            replica.orElseThrow().stop();
        } catch (CompletionException | Fault died) {
            if (!replicaDisk.dying() && !replica.orElseThrow().failed()) {
                throw died;
            }
        }
        if (!replicaDisk.dying()) {
            replicaProcess.end();
            replica = Optional.empty();
        }
    }

    private void appended(JournalRecord record) {
        history.add(record);
        Entry entry = record.entry();
        trace.add(word(entry), record.sequence().number(), () -> record.sequence() + ": " + entry);
        if (entry instanceof Entry.Data data && data.shipping() != Shipping.COPIED) {
            clients.stream()
                    .filter(client -> client.disk().disk().id().equals(data.stream()))
                    .forEach(client -> client.recorded(data.extent(), record.sequence()));
        }
        sourceDisk.step();
    }

    private void received(JournalRecord record) {
        inspector.received(record.sequence());
        trace.add(Trace.Word.RECEIVE, record.sequence().number(), () -> record.sequence()
                .toString());
        Violation.unless(
                !record.sequence().isAfter(history.last())
                        && history.at(record.sequence()).equals(record.entry()),
                "I2",
                () -> "the replica has received record " + record + ", which the source has not sent");
    }

    private static Trace.Word word(Entry entry) {
        return switch (entry) {
            case Entry.Data data -> Trace.Word.WRITE;
            case Entry.Flush flush -> Trace.Word.FLUSH;
            case Entry.Cut cut -> Trace.Word.CUT;
            case Entry.Gap gap -> Trace.Word.GAP;
            case Entry.CopyBegin begin -> Trace.Word.COPY_BEGIN;
            case Entry.CopyEnd end -> Trace.Word.COPY_END;
            case Entry.Control other -> Trace.Word.NOTE;
        };
    }

    /** What has yet to happen before a calm run is over. */
    private Optional<String> unfinished() {
        if (source().filter(site -> !site.failed()).isEmpty()
                || replica.filter(site -> !site.failed()).isEmpty()
                || !operator.isDone()) {
            return Optional.of("a site is down, or the operator waits");
        }
        Optional<SimulatedClient> busy = clients.stream()
                .filter(client -> client.guest().protectedNow() && !client.isDone())
                .findFirst();
        if (busy.isPresent()) {
            return busy.map(client -> client + " is not done");
        }
        Sequence durable = replica.get().journal().durable();
        if (durable.isBefore(source.get().journal().appended())) {
            return Optional.of("the replica has " + durable + ", the source " + history.last());
        }
        return guests.values().stream()
                .filter(Guest::protectedNow)
                .flatMap(guest -> inspector.unfinished(guest).stream())
                .findFirst();
    }
}
