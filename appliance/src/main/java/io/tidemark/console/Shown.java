package io.tidemark.console;

import io.tidemark.api.ForecastView;
import io.tidemark.api.GroupView;
import io.tidemark.api.PeerView;
import io.tidemark.api.SiteResource;
import io.tidemark.api.VmView;
import io.tidemark.events.Event;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What REST's views say, as it stands on a page: words only. */
final class Shown {

    /** How something is, and how it looks: {@code good}, {@code busy}, {@code bad} or {@code quiet}. The words say it, too. */
    public record State(String text, String look) {

        static State good(String text) {
            return new State(text, "good");
        }

        static State busy(String text) {
            return new State(text, "busy");
        }

        static State bad(String text) {
            return new State(text, "bad");
        }

        static State quiet(String text) {
            return new State(text, "quiet");
        }
    }

    /** A VM in a list. */
    public record Vm(
            String name,
            String id,
            String role,
            String peer,
            String group,
            String priority,
            String rpo,
            List<State> rungs,
            String toCopy,
            State state,
            String lastDrill) {

        static Vm of(VmView vm) {
            boolean source = vm.role().equals("source");
            return new Vm(
                    vm.name(),
                    vm.id().toString(),
                    vm.role(),
                    vm.peer(),
                    vm.group().map(VmView.MembershipView::name).orElse(""),
                    vm.priority(),
                    Words.seconds(vm.rpoSeconds()),
                    vm.disks().stream()
                            .flatMap(disk -> disk.rung().stream())
                            .map(Shown::rung)
                            .distinct()
                            .toList(),
                    source ? Words.bytes(left(vm)) : Words.NONE,
                    Shown.state(vm),
                    source ? Words.NONE : vm.lastDrillPassed().map(Words::time).orElse("never"));
        }
    }

    /** A disk of a VM. */
    public record Disk(
            String name,
            String size,
            String attachMode,
            String acknowledge,
            State intake,
            State rung,
            String why,
            String toCopy,
            String clients,
            String uri) {

        static Disk of(VmView.DiskView disk) {
            return new Disk(
                    disk.name(),
                    Words.bytes(disk.sizeBytes()),
                    disk.attachMode(),
                    disk.acknowledge(),
                    disk.intake().map(Disk::state).orElse(State.quiet(Words.NONE)),
                    disk.rung().map(Shown::rung).orElse(State.quiet(Words.NONE)),
                    disk.intake()
                            .flatMap(VmView.IntakeView::reason)
                            .or(() -> disk.rung().flatMap(VmView.RungView::reason))
                            .orElse(""),
                    disk.copyLeftBytes().map(Words::bytes).orElse(Words.NONE),
                    disk.connections().map(String::valueOf).orElse(Words.NONE),
                    disk.uri().orElse(""));
        }

        private static State state(VmView.IntakeView intake) {
            if (intake.awaitsRestart()) {
                return State.bad("waits for the guest's restart");
            }
            return switch (intake.state()) {
                case "in-sync" -> State.good(intake.state());
                case "suspect" -> State.bad(intake.state());
                default -> State.busy(intake.state());
            };
        }
    }

    /** A peer, the link to it, and the journal for it. */
    public record Peer(
            String name,
            String kind,
            State link,
            String problem,
            String throughput,
            String roundTrip,
            String lag,
            String used,
            String usedPercent,
            String fullIn,
            String caughtUpIn) {

        static Peer of(PeerView peer) {
            Optional<PeerView.LinkView> link = peer.link();
            return new Peer(
                    peer.name(),
                    peer.kind(),
                    link.map(Peer::state).orElse(State.quiet("only ships here")),
                    link.map(PeerView.LinkView::problem).orElse(""),
                    link.map(each -> Words.bytes(each.bytesPerSecond()) + "/s").orElse(Words.NONE),
                    link.map(each -> String.format(Locale.ROOT, "%.1f ms", each.roundTripSeconds() * 1000))
                            .orElse(Words.NONE),
                    link.map(each -> each.appended() - each.replicated() + " records")
                            .orElse(Words.NONE),
                    link.map(each -> Words.bytes(each.usage().used()) + " of "
                                    + Words.bytes(each.usage().quota()))
                            .orElse(Words.NONE),
                    link.map(each -> Long.toString(100
                                    * each.usage().used()
                                    / Math.max(1, each.usage().quota())))
                            .orElse(""),
                    peer.forecast()
                            .flatMap(ForecastView::secondsUntilFull)
                            .map(Words::seconds)
                            .orElse(link.isPresent() ? "not filling up" : Words.NONE),
                    Words.seconds(peer.forecast().flatMap(ForecastView::secondsToCatchUp)));
        }

        private static State state(PeerView.LinkView link) {
            return link.problem().isEmpty() ? State.good(link.state()) : State.bad(link.state());
        }
    }

    /** A journal that is kept for another site. */
    public record Replica(String site, String number, State link, String received, String floor, String used) {

        static Replica of(SiteResource.ReplicaView replica) {
            return new Replica(
                    replica.site(),
                    Integer.toString(replica.number()),
                    replica.connected() ? State.good("connected") : State.bad("away"),
                    Long.toString(replica.received()),
                    Long.toString(replica.floor()),
                    Words.bytes(replica.usage().used()) + " of "
                            + Words.bytes(replica.usage().quota()));
        }
    }

    /** A group in a list. */
    public record Group(String name, String peer, String rpo, State state, List<Member> members, boolean here) {

        static Group of(GroupView group) {
            boolean replica = group.vms().stream().anyMatch(vm -> vm.role().equals("replica"));
            return new Group(
                    group.name(),
                    group.peer(),
                    Words.seconds(group.rpoSeconds()),
                    group.consistent()
                            .map(good -> good
                                    ? State.good("consistent")
                                    : State.bad(group.inconsistency().orElse("not consistent")))
                            .orElse(State.quiet("kept here")),
                    group.vms().stream().map(Member::of).toList(),
                    replica);
        }
    }

    /** A VM in its group. */
    public record Member(
            String name, String id, String order, String delay, String role, String rpo, String lastDrill) {

        static Member of(GroupView.MemberView vm) {
            return new Member(
                    vm.name(),
                    vm.id().toString(),
                    Integer.toString(vm.startOrder()),
                    vm.startDelaySeconds() + " s",
                    vm.role(),
                    Words.seconds(vm.rpoSeconds()),
                    Words.time(vm.lastDrillPassed()));
        }
    }

    /** Something that has happened. */
    public record Happened(String number, String time, State severity, String kind, String subject, String message) {

        static Happened of(Event event) {
            String label = event.severity().name().toLowerCase(Locale.ROOT);
            return new Happened(
                    Long.toString(event.number()),
                    Words.time(event.time()),
                    switch (event.severity()) {
                        case INFO -> State.quiet(label);
                        case WARNING -> State.busy(label);
                        case ERROR -> State.bad(label);
                    },
                    event.kind(),
                    event.subject(),
                    event.message());
        }
    }

    private Shown() {}

    static State state(VmView vm) {
        if (vm.fenced().isPresent()) {
            return State.bad("fenced: " + vm.fenced().get().reason());
        }
        return vm.consistent()
                .map(good -> good
                        ? State.good("consistent")
                        : State.bad(vm.inconsistency().orElse("not consistent")))
                .orElse(State.quiet("kept here"));
    }

    static long left(VmView vm) {
        return vm.disks().stream()
                .flatMap(disk -> disk.copyLeftBytes().stream())
                .mapToLong(Long::longValue)
                .sum();
    }

    private static State rung(VmView.RungView rung) {
        return switch (rung.step()) {
            case "full" -> State.good("full");
            case "merged" -> State.busy("merged");
            case "copying" -> State.busy("copying");
            default -> State.bad(rung.step());
        };
    }
}
