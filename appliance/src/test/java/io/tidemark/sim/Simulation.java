package io.tidemark.sim;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.Shipping;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.nbd.Client;
import io.tidemark.ship.BacklogLimit;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;

/**
 * One run: guests and their clients, an operator, two sites and the network between them, and faults. Then the faults stop, and
 * everything has to become a point (I9).
 */
final class Simulation {

    static final Client CLIENT = new Client(new InetSocketAddress(0), new Client.Plaintext());
    private static final int CALM_STEPS_MAX = 60_000;
    private static final Duration REPLY_MAX = Duration.ofMillis(2);

    private final Scheduler scheduler;
    private final Trace trace;
    private final int steps;
    private final int faultOnceIn;
    private final History history = new History();
    private final Sites sites;
    private final Faults faults;
    private final SimulatedThread network;
    private final Operator operator = new Operator(this);
    private final Inspector inspector = new Inspector(this);
    private final Map<VmId, Guest> guests = new LinkedHashMap<>();
    private final List<SimulatedClient> clients = new ArrayList<>();
    private Optional<Violation> violation = Optional.empty();
    private boolean calm;
    private long ticks;
    private long numbers;

    Simulation(long seed, int steps, Trace trace) {
        this.scheduler = new Scheduler(seed);
        this.trace = trace;
        this.steps = steps;
        this.faultOnceIn = random().nextInt(4) == 0 ? 2000 : 60 + random().nextInt(200);
        boolean narrow = random().nextInt(4) == 0;
        boolean givesUp = random().nextBoolean();
        BacklogLimit limit = new BacklogLimit(givesUp ? 0.7 : 1);
        long quota = !narrow
                ? 1 << 30
                : givesUp ? 64 << 10 : 24 << 10; // what is given up is more than what is said anew for it
        Duration window = random().nextBoolean() ? scheduler.upTo(Duration.ofMillis(300)) : Duration.ofDays(1);
        this.sites = new Sites(this, scheduler, new Sites.Limits(quota, limit, window));
        this.faults = new Faults(this, sites, scheduler);
        this.network = scheduler.thread("network");
        sites.watch(this::appended, this::received);
    }

    /** Runs to its end; a {@link Violation} if an invariant does not hold on the way. */
    void run() throws IOException {
        for (int i = 0; i < steps; i++) {
            step(scheduler.oneIn(faultOnceIn));
        }
        calm = true;
        sites.repair();
        for (int i = 0; unfinished().isPresent(); i++) {
            if (i > CALM_STEPS_MAX) {
                throw new Violation("I9", unfinished().orElseThrow());
            }
            step(false);
        }
        inspector.lookAtAll(sites.replica().orElseThrow());
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
        return sites.source().filter(SimulatedSource::lives);
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

    /** A guest has got another disk. */
    void add(Guest guest, GuestDisk disk) {
        clients.add(new SimulatedClient(this, guest, disk));
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

    /** The source stops in good order: it ends its connections first. */
    void sourceStops() {
        clients.forEach(SimulatedClient::serverStops);
    }

    /** The source's process is gone, and perhaps what was not durable. */
    void sourceDied(boolean forgets) {
        clients.forEach(SimulatedClient::sourceDied);
        operator.sourceDied(forgets);
    }

    /** Whether all that has happened to clients is known at the source, and everything there at the replica. */
    boolean settled() {
        return source().isPresent()
                && sites.replica().filter(SimulatedReplica::lives).isPresent()
                && clients.stream().allMatch(SimulatedClient::isSettled)
                && sites.source()
                        .orElseThrow()
                        .journal()
                        .appended()
                        .equals(sites.replica().orElseThrow().journal().durable());
    }

    private void step(boolean withFault) throws IOException {
        int choice = random().nextInt(100);
        try {
            if (withFault) {
                faults.happen();
            } else if (!sites.start()) {
                act(choice);
            }
        } catch (ProcessDied died) {
            trace.add(Trace.Word.DIE_IN_THE_MIDDLE, 0, () -> ""); // whose, its disk knows
        } catch (Fault fault) {
            if (sites.source().filter(SimulatedSource::failed).isEmpty()) {
                throw fault; // else the journal has failed, and has not told everybody yet: a thread logs that and goes
                // on
            }
        }
        verdict();
        sites.endWhatDies();
        sites.replica().ifPresent(inspector::follow);
    }

    private void act(int choice) {
        if (choice < 60) {
            scheduler.step();
        } else if (choice < 95 && !clients.isEmpty()) {
            clients.get(random().nextInt(clients.size())).act();
        } else if (choice < 98) {
            operator.act();
        } else {
            sites.replica().ifPresent(inspector::look);
        }
    }

    private void verdict() {
        violation.ifPresent(found -> {
            throw found;
        });
    }

    private void appended(JournalRecord record) {
        history.add(record);
        Entry entry = record.entry();
        trace.add(word(record), record.sequence().number(), () -> record.sequence() + ": " + entry);
        if (entry instanceof Entry.Data data && data.shipping() != Shipping.COPIED) {
            clients.stream()
                    .filter(client -> client.disk().disk().id().equals(data.stream()))
                    .forEach(client -> client.replies().recorded(data.extent(), record.sequence()));
        }
        sites.sourceDisk().step();
    }

    /** The replica died, and that is the last record it still has. */
    void replicaHas(Sequence last) {
        inspector.lost(last);
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

    private static Trace.Word word(JournalRecord record) {
        return switch (record.entry()) {
            case Entry.Data data -> Trace.Word.WRITE;
            case Entry.Flush flush -> Trace.Word.FLUSH;
            case Entry.Cut cut -> Trace.Word.CUT;
            case Entry.Gap gap -> Trace.Word.GAP;
            case Entry.CopyBegin begin -> Trace.Word.COPY_BEGIN;
            case Entry.CopyEnd end -> Trace.Word.COPY_END;
            case Entry.Track track ->
                record.sequence().follows(track.since()) ? Trace.Word.HOLD_BACK : Trace.Word.TRACK;
            case Entry.VmDefined defined -> Trace.Word.DEFINE;
            case Entry.Control other -> Trace.Word.NOTE;
        };
    }

    /** What has yet to happen before a calm run is over. */
    private Optional<String> unfinished() {
        if (source().filter(site -> !site.failed()).isEmpty()
                || sites.replica().filter(site -> !site.failed()).isEmpty()
                || !operator.isDone()) {
            return Optional.of("a site is down, or the operator waits");
        }
        Optional<SimulatedClient> busy = clients.stream()
                .filter(client -> client.guest().protectedNow() && !client.isDone())
                .findFirst();
        if (busy.isPresent()) {
            return busy.map(client -> client + " is not done");
        }
        Sequence durable = sites.replica().orElseThrow().journal().durable();
        if (durable.isBefore(sites.source().orElseThrow().journal().appended())) {
            return Optional.of("the replica has " + durable + ", the source " + history.last());
        }
        return guests.values().stream()
                .filter(Guest::protectedNow)
                .flatMap(guest -> inspector.unfinished(guest).stream())
                .findFirst();
    }
}
