package io.tidemark.intake;

import io.tidemark.vm.Disk;
import io.tidemark.vm.Ledger;
import io.tidemark.vm.Vm;
import java.util.Optional;
import java.util.function.Function;

/** What may be changed about a VM that is protected. Decisions only. */
final class DefinitionRules {

    private DefinitionRules() {}

    /**
     * Why the VM cannot become this; empty if it can.
     *
     * @param fence why a VM takes no changes, if that is so
     */
    static Optional<String> objection(Ledger ledger, Vm vm, Function<Vm, Optional<String>> fence) {
        Optional<Vm> sameName = ledger.vms().stream()
                .filter(other -> other.name().equals(vm.name()) && !other.id().equals(vm.id()))
                .findFirst();
        if (sameName.isPresent()) {
            return Optional.of("another VM is called " + vm.name());
        }
        return ledger.vm(vm.id()).flatMap(known -> known.disks().stream()
                .flatMap(disk -> objection(disk, vm).stream())
                .findFirst()
                .or(() -> known.sharesDisksWith(vm)
                        ? Optional.empty()
                        : Optional.of("one of its disks has to stay: else end its protection, and protect it anew"))
                .or(() -> known.isShapedLike(vm)
                        ? Optional.empty()
                        : fence.apply(known).map(DefinitionRules::fenced)));
    }

    private static String fenced(String why) {
        return "its disks stay as they are, since " + why;
    }

    private static Optional<String> objection(Disk known, Vm vm) {
        Optional<Disk> next =
                vm.disks().stream().filter(disk -> disk.id().equals(known.id())).findFirst();
        if (next.isEmpty()) {
            return Optional.empty();
        }
        if (next.get().sizeBytes() < known.sizeBytes()) {
            return Optional.of("disk " + known.name() + " has " + known.sizeBytes() + " bytes and cannot shrink to "
                    + next.get().sizeBytes());
        }
        if (next.get().seeded() != known.seeded()) {
            return Optional.of("disk " + known.name() + " was registered "
                    + (known.seeded() ? "as seeded" : "without a seed") + ", and its replica has begun");
        }
        return next.get().attachMode() == known.attachMode()
                ? Optional.empty()
                : Optional.of("disk " + known.name() + " is attached as "
                        + known.attachMode().label() + " and keeps that");
    }
}
