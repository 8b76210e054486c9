package io.tidemark.sim;

import io.tidemark.journal.InMemoryJournal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What can go wrong at two sites and between them, one at a time. */
final class Faults {

    private final Simulation world;
    private final Sites sites;
    private final Scheduler scheduler;

    Faults(Simulation world, Sites sites, Scheduler scheduler) {
        this.world = world;
        this.sites = sites;
        this.scheduler = scheduler;
    }

    /** Something goes wrong. */
    void happen() {
        switch (world.random().nextInt(15)) {
            case 0 -> ifThere(sites.source(), () -> sites.endSource(false));
            case 1 -> ifThere(sites.source(), () -> sites.endSource(true));
            case 2 ->
                ifThere(sites.source(), () -> sites.sourceDisk()
                        .dieAfter(1 + world.random().nextInt(40)));
            case 3 -> ifThere(sites.replica(), () -> sites.endReplica(false));
            case 4 -> ifThere(sites.replica(), () -> sites.endReplica(true));
            case 5 ->
                ifThere(sites.replica(), () -> sites.replicaDisk()
                        .dieAfter(1 + world.random().nextInt(40)));
            case 6 -> breakLink();
            case 7 -> sites.link().up(!sites.link().up());
            case 8 -> scheduler.jump(Duration.ofSeconds(world.random().nextInt(20_000) - 10_000));
            case 9 -> ifThere(sites.source(), sites::stopSource);
            case 10 -> ifThere(sites.replica(), sites::stopReplica);
            case 11 -> sites.source().ifPresent(site -> failNextForce(Trace.Word.FAIL_FORCE_SOURCE, site.journal()));
            case 12 -> sites.replica().ifPresent(site -> failNextForce(Trace.Word.FAIL_FORCE_REPLICA, site.journal()));
            case 13 -> ifThere(sites.source(), () -> failNext(Trace.Word.FAIL_FORCE_SOURCE, sites.sourceDisk()));
            default -> ifThere(sites.replica(), () -> failNext(Trace.Word.FAIL_FORCE_REPLICA, sites.replicaDisk()));
        }
    }

    private void failNext(Trace.Word word, SimulatedDisk disk) {
        SimulatedDisk.Part part =
                List.of(SimulatedDisk.Part.values()).get(world.random().nextInt(3));
        world.trace().add(word, part.name().length(), part::name);
        disk.failNext(part);
    }

    private void failNextForce(Trace.Word word, InMemoryJournal journal) {
        world.trace().add(word, 0, () -> "journal");
        journal.failNextForce("Input/output error", world.random().nextInt(8));
    }

    private static void ifThere(Optional<?> site, Runnable fault) {
        if (site.isPresent()) {
            fault.run();
        }
    }

    private void breakLink() {
        world.trace().add(Trace.Word.BREAK_LINK, 0, () -> "");
        sites.link().breakSessions();
    }
}
