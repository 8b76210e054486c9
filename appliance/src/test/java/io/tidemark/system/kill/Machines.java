package io.tidemark.system.kill;

import io.tidemark.system.Sites;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The machines that two sites are on, of which any may lose its power; each has a file system of another kind. */
final class Machines implements AutoCloseable {

    private final Sites sites;
    private final Random random;
    private final List<Machine> machines = new ArrayList<>();

    Machines(Sites sites, Random random) {
        this.sites = sites;
        this.random = random;
    }

    /** Starts both, and protects a VM; its guest does not write yet. */
    BusyPair start(BusyPair.Room room, List<Load.Work> works) {
        List<Machine.FileSystem> left = new ArrayList<>(List.of(Machine.FileSystem.values()));
        BusyPair pair = new BusyPair(
                sites,
                room,
                works,
                random,
                site -> machines.add(new Machine(site, left.removeFirst(), sites.folder(), random)));
        machines.forEach(Machine::keepCertificates);
        return pair;
    }

    Machine source() {
        return machines.getFirst();
    }

    Machine replica() {
        return machines.getLast();
    }

    boolean areRunning() {
        return machines.stream().allMatch(each -> each.site().isRunning());
    }

    @Override
    public void close() {
        machines.forEach(Machine::close);
    }
}
