package io.tidemark.appliance;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Roles;
import io.tidemark.intake.Fencing;
import io.tidemark.intake.VmStatus;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;
import io.tidemark.replica.Replica;
import io.tidemark.term.Tenure;
import io.tidemark.vm.Vm;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Has the journals of this site act on the terms of their VMs, and says so. Calls block. */
public final class JournalRoles implements Roles.Journals {

    private final Supplier<Collection<? extends ShippedJournal>> journals;
    private final Supplier<Collection<Replica>> replicas;
    private final EventLog events;

    public JournalRoles(
            Supplier<Collection<? extends ShippedJournal>> journals,
            Supplier<Collection<Replica>> replicas,
            EventLog events) {
        this.journals = journals;
        this.replicas = replicas;
        this.events = events;
    }

    @Override
    public boolean share(String peer, VmId vm) {
        boolean shipped = journals.get().stream()
                .anyMatch(journal ->
                        journal.site().equals(peer) && find(journal, vm).isPresent());
        return shipped
                || replicas.get().stream()
                        .filter(replica -> replica.site().equals(peer))
                        .flatMap(replica -> replica.vms().join().stream())
                        .anyMatch(known -> known.id().equals(vm));
    }

    @Override
    public CompletableFuture<Optional<Sequence>> settle(VmId vm, Tenure tenure) {
        for (ShippedJournal source : journals.get()) {
            Optional<Vm> known = find(source, vm);
            if (known.isPresent()) {
                Fencing fencing = source.intake().fencing();
                Optional<String> before = fencing.why(known.get());
                return fencing.look(vm).thenApply(settled -> {
                    if (!fencing.why(known.get()).equals(before)) {
                        tell(source, known.get(), tenure);
                    }
                    return Optional.of(settled.last());
                });
            }
        }
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private void tell(ShippedJournal source, Vm vm, Tenure tenure) {
        String name = vm.name().text();
        if (tenure.fence().isEmpty()) {
            events.warn("vm-unfenced", name, "this site is its source again, in term " + tenure.number());
            return;
        }
        String why = tenure.fence().get();
        Sequence acknowledged = source.acknowledged();
        var unused = source.intake().fencing().unshipped(vm, acknowledged).thenAccept(left -> {
            String what = why + "; its disks take no writes. Behind record " + left.acknowledged() + ", which "
                    + source.site() + " has acknowledged, it has " + left.bytes() + " bytes of changes";
            if (tenure instanceof Tenure.Contested) {
                events.error("term-contested", name, what);
            } else {
                events.warn("vm-fenced", name, what);
            }
        });
    }

    private static Optional<Vm> find(ShippedJournal source, VmId vm) {
        return source.intake().status().join().stream()
                .map(VmStatus::vm)
                .filter(known -> known.id().equals(vm))
                .findFirst();
    }
}
