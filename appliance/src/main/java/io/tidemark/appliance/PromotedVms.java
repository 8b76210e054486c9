package io.tidemark.appliance;

import io.tidemark.failover.Home;
import io.tidemark.intake.Registration;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Gives promoted VMs a home in the journals of this site, which are known once the site has any. */
final class PromotedVms implements Home {

    private final CompletableFuture<Protection> protection = new CompletableFuture<>();
    private final CompletableFuture<Sources> sources = new CompletableFuture<>();

    void begin(Protection vms, Sources journals) {
        protection.complete(vms);
        sources.complete(journals);
    }

    @Override
    public Optional<String> objection(String peer, Vm vm) {
        if (sources.join().to(peer).isEmpty()) {
            return Optional.of("nothing can be shipped to site " + peer
                    + ", which the VM's writes are to go to: register it with its address first, also when it is down");
        }
        return protection.join().all().stream()
                .map(each -> each.status().vm())
                .filter(known -> known.id().equals(vm.id()) || known.name().equals(vm.name()))
                .findFirst()
                .map(known -> "VM " + known.name() + " is protected here already");
    }

    @Override
    public StreamId newDisk() {
        return protection.join().newDisk();
    }

    @Override
    public boolean has(VmId vm) {
        return protection.join().all().stream()
                .anyMatch(each -> each.status().vm().id().equals(vm));
    }

    @Override
    public void take(String peer, Vm vm) throws IOException {
        Source source = sources.join()
                .to(peer)
                .orElseThrow(() -> new IOException("the journal to site " + peer + " is not open"));
        Registration taken = source.intake()
                .adopt(vm)
                .orTimeout(Protection.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        switch (taken) {
            case Registration.Done done -> {}
            case Registration.Unchanged unchanged -> {}
            case Registration.Refused refused -> throw new IOException(refused.reason());
            case Registration.Unknown unknown -> throw new IOException("VM " + vm.name() + " is not known");
        }
    }
}
