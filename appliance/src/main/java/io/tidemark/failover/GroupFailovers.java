package io.tidemark.failover;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Failover.Stage;
import io.tidemark.failover.Failovers.Outcome;
import io.tidemark.replica.HeldGroup;
import io.tidemark.replica.HeldPoint;
import io.tidemark.replica.PointChoice;
import io.tidemark.replica.Replica;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes this site the source of all VMs of a group, at one point. Everything is looked at before the first of them is begun; then one file says that all are,
 * and each goes on by itself. Calls block and are made one at a time.
 */
final class GroupFailovers {

    private static final Logger LOG = LoggerFactory.getLogger(GroupFailovers.class);

    /** What is done with each VM. */
    interface Each {

        /** Why this site cannot become its source; empty if it can. */
        Optional<String> objection(Replica replica, Vm vm);

        /** From Begun to Promoted, or to Refused. */
        Failover promote(Failover begun) throws IOException;

        /** It does not take place, and its source is told. */
        void refuse(Failover wanted, String why) throws IOException;
    }

    private final FailoverFiles files;
    private final Drafts drafts;
    private final Handovers handovers;
    private final EventLog events;
    private final Each each;

    GroupFailovers(FailoverFiles files, Drafts drafts, Handovers handovers, EventLog events, Each each) {
        this.files = files;
        this.drafts = drafts;
        this.handovers = handovers;
        this.events = events;
        this.each = each;
    }

    /** At a point, whatever has become of the source. */
    Outcome start(Replica replica, Name group, PointChoice choice) throws IOException {
        Optional<GroupFailover> before = files.group(replica.journal(), group);
        if (before.isPresent()) {
            return promoteAll(before.get()); // begun before, and something was in the way
        }
        Optional<HeldGroup> held = replica.hold(group, choice, () -> {}).join();
        if (held.isEmpty()) {
            return new Outcome.NoSuchPoint();
        }
        try {
            Optional<String> objection =
                    objection(replica, group, held.get().point().vms());
            if (objection.isPresent()) {
                return new Outcome.Refused(objection.get());
            }
            return begin(
                    replica,
                    group,
                    held.get().vms().stream()
                            .map(HeldPoint::point)
                            .map(point -> drafts.begun(drafts.wanted(replica, point.vm(), false), point))
                            .toList());
        } finally {
            held.get().hold().close(); // what was written keeps the point from here on
        }
    }

    /** When the source has stopped and everything of all of them is here; else nothing changes. There is a session with the source. */
    Outcome startPlanned(Replica replica, Name group) throws IOException {
        Optional<GroupFailover> before = files.group(replica.journal(), group);
        if (before.isPresent()) {
            return promoteAll(before.get());
        }
        List<Vm> vms = Membership.inStartOrder(
                replica.vms().join().stream().filter(vm -> vm.isIn(group)).toList());
        if (vms.isEmpty()) {
            return new Outcome.Refused("no VM belongs to group " + group + " any more");
        }
        Optional<String> objection = objection(replica, group, vms);
        if (objection.isPresent()) {
            return new Outcome.Refused(objection.get());
        }
        List<Failover> wanted = new ArrayList<>();
        try {
            for (Vm vm : vms) {
                wanted.add(files.write(drafts.wanted(replica, vm, true)));
            }
            return ask(replica, group, wanted);
        } finally {
            refuseThoseThatAreOnlyWanted(wanted, "not all VMs of group " + group + " could be asked for");
        }
    }

    /** Forgets what is over. */
    void settle() {
        for (GroupFailover group : files.groups()) {
            try {
                files.settle(group);
            } catch (IOException e) {
                LOG.warn(
                        "group={} a failover that is over is still there",
                        group.group(),
                        e); // the next life sees that, too
            }
        }
    }

    private Outcome ask(Replica replica, Name group, List<Failover> wanted) throws IOException {
        return switch (handovers.ask(wanted, replica, () -> newest(replica, group))) {
            case Handovers.Answer.Whole whole -> {
                try {
                    yield begin(
                            replica,
                            group,
                            wanted.stream()
                                    .flatMap(one -> whole.held().points().stream()
                                            .map(HeldPoint::point)
                                            .filter(point -> point.vm()
                                                    .id()
                                                    .equals(one.vm().id()))
                                            .map(point -> drafts.begun(one, point)))
                                    .toList());
                } finally {
                    whole.held().hold().close();
                }
            }
            case Handovers.Answer.Lacking lacking -> {
                refuseThoseThatAreOnlyWanted(wanted, lacking.reason());
                yield new Outcome.Refused(lacking.reason());
            }
        };
    }

    private static CompletableFuture<Optional<Handovers.Held>> newest(Replica replica, Name group) {
        return replica.hold(group, new PointChoice.Latest(), () -> {})
                .thenApply(held -> held.map(all -> new Handovers.Held(all.hold(), all.vms())));
    }

    private Outcome begin(Replica replica, Name group, List<Failover> members) throws IOException {
        GroupFailover all = new GroupFailover(group, replica.journal().id(), members);
        Optional<String> objection = FailoverFiles.objection(all);
        return objection.isPresent() ? new Outcome.Refused(objection.get()) : promoteAll(files.begin(all));
    }

    /** One that fails keeps no other from going on. */
    private Outcome promoteAll(GroupFailover begun) throws IOException {
        List<Failover> now = new ArrayList<>();
        List<Exception> failures = new ArrayList<>();
        for (Failover member : begun.members()) {
            Failover known = files.find(member.vm().id()).orElse(member);
            try {
                now.add(known.stage() == Stage.BEGUN ? each.promote(known) : known);
            } catch (IOException | RuntimeException e) {
                LOG.error("vm={} group={} a failover cannot go on", member.vm().name(), begun.group(), e);
                events.error("failover-stuck", member.vm().name().text(), "it cannot go on: " + e.getMessage());
                failures.add(e);
            }
        }
        settle();
        if (!failures.isEmpty()) {
            throw new IOException(
                    "group " + begun.group() + ": " + failures.size() + " of "
                            + begun.members().size() + " VMs cannot be promoted yet, ask for it again: "
                            + failures.getFirst().getMessage(),
                    failures.getFirst());
        }
        return now.stream()
                .filter(one -> one.stage() == Stage.REFUSED)
                .findFirst()
                .<Outcome>map(one -> new Outcome.Refused("VM " + one.vm().name() + ": " + one.problem()
                        + ". These VMs of the group are this site's: "
                        + now.stream()
                                .filter(Failover::isUnderWay)
                                .map(other -> other.vm().name())
                                .toList()))
                .orElseGet(() -> new Outcome.AllPromoted(now));
    }

    private Optional<String> objection(Replica replica, Name group, List<Vm> vms) {
        List<Vm> known = replica.vms().join();
        return vms.stream()
                .flatMap(vm -> objection(replica, group, vm, known).stream())
                .findFirst();
    }

    private Optional<String> objection(Replica replica, Name group, Vm vm, List<Vm> known) {
        if (files.find(vm.id()).filter(one -> one.stage() == Stage.BEGUN).isPresent()) {
            return Optional.of("a failover of VM " + vm.name() + " alone has begun: ask for that again first");
        }
        boolean left = known.stream().anyMatch(now -> now.id().equals(vm.id()) && !now.isIn(group));
        return left
                ? Optional.of("VM " + vm.name() + " has left group " + group
                        + " since that point: choose a later one, or fail over VM by VM")
                : each.objection(replica, vm);
    }

    /** After a crash the next life does it. */
    private void refuseThoseThatAreOnlyWanted(List<Failover> wanted, String why) {
        for (Failover one : wanted) {
            if (files.find(one.vm().id()).filter(one::equals).isPresent()) {
                try {
                    each.refuse(one, why);
                } catch (IOException e) {
                    LOG.error(
                            "vm={} it cannot be written down that it is not wanted",
                            one.vm().name(),
                            e);
                }
            }
        }
    }
}
