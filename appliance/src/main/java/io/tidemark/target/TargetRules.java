package io.tidemark.target;

import io.tidemark.nbd.client.Destination;
import io.tidemark.nbd.client.RefusedException;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Whether a VM could be kept at a target, found out before it is registered. Any thread. */
final class TargetRules {

    private final TargetDialer dialer;
    private final TargetSender.Destinations destinations;

    TargetRules(TargetDialer dialer, TargetSender.Destinations destinations) {
        this.dialer = dialer;
        this.destinations = destinations;
    }

    /**
     * Why it could not, for people. A server that is not there now is no reason: it may come.
     *
     * @param others that are kept there, the VM itself as it was before among them
     */
    CompletableFuture<Optional<String>> objection(Vm vm, Collection<Vm> others) {
        Map<Destination, String> taken = new HashMap<>();
        others.stream().filter(other -> !other.id().equals(vm.id())).forEach(other -> other.disks()
                .forEach(disk -> taken.put(destinations.of(other, disk), name(other, disk))));
        Map<Disk, Destination> toLookAt = new LinkedHashMap<>(); // those that are new, or have grown
        for (Disk disk : vm.disks()) {
            if (disk.seeded()) {
                return CompletableFuture.completedFuture(
                        Optional.of(name(vm, disk) + " is seeded, and an NBD server cannot be asked what it has"));
            }
            Destination destination = destinations.of(vm, disk);
            String owner = taken.putIfAbsent(destination, name(vm, disk));
            if (owner != null) {
                return CompletableFuture.completedFuture(
                        Optional.of(name(vm, disk) + " would be " + destination + ", and so is " + owner));
            }
            if (others.stream()
                    .flatMap(other -> other.disk(disk.id()).stream())
                    .noneMatch(known -> known.sizeBytes() >= disk.sizeBytes())) {
                toLookAt.put(disk, destination);
            }
        }
        CompletableFuture<Optional<String>> all = CompletableFuture.completedFuture(Optional.empty());
        for (Map.Entry<Disk, Destination> each : toLookAt.entrySet()) {
            all = all.thenCombine(objection(each.getKey(), each.getValue()), (one, other) -> one.or(() -> other));
        }
        return all;
    }

    private CompletableFuture<Optional<String>> objection(Disk disk, Destination destination) {
        return TargetDisk.open(dialer, destination, disk, 1)
                .handle((open, failed) -> {
                    if (failed == null) {
                        open.close();
                        return Optional.<String>empty();
                    }
                    Throwable cause = failed instanceof CompletionException && failed.getCause() != null
                            ? failed.getCause()
                            : failed;
                    return isForGood(cause)
                            ? Optional.of(String.valueOf(cause.getMessage()))
                            : Optional.<String>empty();
                })
                .toCompletableFuture();
    }

    /** Whether trying again will not help by itself. */
    static boolean isForGood(Throwable failure) {
        return failure instanceof UnfitTarget || failure instanceof RefusedException;
    }

    private static String name(Vm vm, Disk disk) {
        return "disk " + disk.name() + " of VM " + vm.name();
    }
}
