package io.tidemark.target;

import io.tidemark.journal.StreamId;
import io.tidemark.nbd.client.Destination;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The exports that a session is connected to, by disk. The sender's thread. */
final class TargetDisks {

    /** What is told of them, on the sender's thread. */
    @FunctionalInterface
    interface Listener {
        /** A disk could not be connected to, or is so no longer. */
        void onLost(String why, boolean forGood);
    }

    private final TargetSender.Parts parts;
    private final int connections;
    private final Listener listener;
    private final Map<StreamId, TargetDisk> open = new HashMap<>();
    private final Set<Destination> exports = new HashSet<>();
    private boolean closed;

    /** @param connections to each of them */
    TargetDisks(TargetSender.Parts parts, int connections, Listener listener) {
        this.parts = parts;
        this.connections = connections;
        this.listener = listener;
    }

    Map<StreamId, TargetDisk> open() {
        return open;
    }

    int connections() {
        return open.values().stream().mapToInt(TargetDisk::connections).sum();
    }

    /** Lets go of the disks that are not there any more, connects to those that have no connection yet, but for some, then goes on. */
    void open(Ledger ledger, Set<StreamId> without, Runnable then) {
        closeGone(ledger);
        Map<Disk, Destination> missing = new LinkedHashMap<>();
        for (Vm vm : ledger.vms()) {
            for (Disk disk : vm.disks().stream()
                    .filter(each -> !without.contains(each.id()))
                    .toList()) {
                TargetDisk known = open.get(disk.id());
                if (known != null && known.sizeBytes() < disk.sizeBytes()) {
                    listener.onLost(
                            "disk " + disk.name() + " of VM " + vm.name() + " has grown: " + known.destination()
                                    + " is connected to anew",
                            false);
                    return;
                }
                if (known == null) {
                    Destination destination = parts.destinations().of(vm, disk);
                    if (!exports.add(destination)) {
                        listener.onLost(
                                "disk " + disk.name() + " of VM " + vm.name() + " and another disk would both be "
                                        + destination,
                                true);
                        return;
                    }
                    missing.put(disk, destination);
                }
            }
        }
        if (missing.isEmpty()) {
            then.run();
            return;
        }
        Map<StreamId, CompletableFuture<TargetDisk>> opening = new HashMap<>();
        missing.forEach((disk, destination) -> opening.put(
                disk.id(),
                TargetDisk.open(parts.dialer(), destination, disk, connections).toCompletableFuture()));
        var unused = CompletableFuture.allOf(opening.values().toArray(CompletableFuture[]::new))
                .handleAsync(
                        (done, failed) -> {
                            opened(opening, then);
                            return true;
                        },
                        parts.owner());
    }

    private void opened(Map<StreamId, CompletableFuture<TargetDisk>> opening, Runnable then) {
        List<Throwable> failures = new ArrayList<>();
        opening.forEach((stream, opened) -> {
            try {
                TargetDisk disk = opened.join();
                open.put(stream, disk);
                disk.onEnd(why -> parts.owner().execute(() -> lost(stream, disk, why)));
            } catch (CompletionException e) {
                failures.add(e.getCause() == null ? e : e.getCause());
            }
        });
        if (closed) {
            open.values().forEach(TargetDisk::close);
        } else if (failures.isEmpty()) {
            then.run();
        } else {
            Throwable worst =
                    failures.stream().filter(TargetRules::isForGood).findFirst().orElse(failures.getFirst());
            listener.onLost(String.valueOf(worst.getMessage()), TargetRules.isForGood(worst));
        }
    }

    /** A connection that was closed because its disk is gone is no loss. */
    private void lost(StreamId stream, TargetDisk disk, String why) {
        if (!closed && open.get(stream) == disk) {
            listener.onLost(disk.destination() + ": " + why, false);
        }
    }

    /** Their exports may be those of other disks from here on. */
    void closeGone(Ledger now) {
        List<StreamId> gone =
                open.keySet().stream().filter(disk -> now.vmOf(disk).isEmpty()).toList();
        for (StreamId disk : gone) {
            TargetDisk closing = Objects.requireNonNull(open.remove(disk));
            exports.remove(closing.destination());
            closing.close();
        }
    }

    /** Lets go of all of them. Nothing more is told. */
    void close() {
        closed = true;
        open.values().forEach(TargetDisk::close);
    }
}
