package io.tidemark.system.kill;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.SitePair;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Somebody who registers peers and VMs at a site and removes them, until the site is gone; knows what was confirmed. */
final class Clerk {

    private static final int NAMES = 3;
    private static final int NOT_FOUND = 404;
    private static final int PAUSE_MILLIS = 30;

    private final Api api;
    private final List<String> paths;
    private final Map<String, Object> vm;
    private final Set<String> there = new TreeSet<>();
    private Optional<String> unsure = Optional.empty();
    private volatile boolean stopped;
    private CompletableFuture<Void> working = CompletableFuture.completedFuture(null);

    private Clerk(Api api, List<String> paths, Map<String, Object> vm) {
        this.api = api;
        this.paths = paths;
        this.vm = vm;
    }

    /** One at the source, for VMs and peers. */
    static Clerk atSource(SitePair pair) {
        return new Clerk(
                pair.source().api(), List.of("/peers/", "/vms/"), pair.request("extra", DiskSpec.direct("disk", 1)));
    }

    /** One at the replica, for peers. */
    static Clerk atReplica(SitePair pair) {
        return new Clerk(pair.replica().api(), List.of("/peers/"), Map.of());
    }

    /** Goes to work. */
    void start() {
        stopped = false;
        working = CompletableFuture.runAsync(
                this::work, run -> Thread.ofPlatform().daemon().start(run));
    }

    /** Returns when all that was asked for is answered, or never will be. */
    void stop() {
        stopped = true;
        working.join();
    }

    /** What was confirmed is so. */
    void check() {
        for (String path : paths) {
            for (int i = 0; i < NAMES; i++) {
                String name = path + "extra-" + i;
                boolean found = api.ask("GET", name, "").status() != NOT_FOUND;
                if (unsure.filter(name::equals).isEmpty()) {
                    assertThat(found).as(name).isEqualTo(there.contains(name));
                } else if (found) {
                    there.add(name);
                } else {
                    there.remove(name);
                }
            }
        }
        unsure = Optional.empty();
    }

    private void work() {
        try {
            for (int i = 0; !stopped; i++) {
                String path = paths.get(i % paths.size());
                String name = path + "extra-" + i / paths.size() % NAMES;
                unsure = Optional.of(name);
                change(name, path);
                unsure = Optional.empty();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
            }
        } catch (UncheckedIOException gone) {
            stopped = true;
        }
    }

    private void change(String name, String path) {
        if (there.contains(name)) {
            api.delete(path.equals("/vms/") ? name + "?confirm=" + name.substring(path.length()) : name);
            there.remove(name);
        } else {
            api.put(name, path.equals("/vms/") ? vm : Map.of("addresses", List.of()));
            there.add(name);
        }
    }
}
