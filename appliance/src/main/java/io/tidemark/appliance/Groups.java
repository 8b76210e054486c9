package io.tidemark.appliance;

import io.tidemark.appliance.Protection.Protected;
import io.tidemark.appliance.Recovery.Recoverable;
import io.tidemark.journal.VmId;
import io.tidemark.vm.Membership;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The groups that the VMs at this site name. All calls block, so none comes from an event loop. */
public final class Groups {

    /** A VM of a group, and what this site is to it. */
    public sealed interface Member {

        Vm vm();

        /** It is protected here. */
        record Source(Protected vmHere) implements Member {
            @Override
            public Vm vm() {
                return vmHere.status().vm();
            }
        }

        /** It can be brought back here. */
        record Replica(Recoverable vmThere) implements Member {
            @Override
            public Vm vm() {
                return vmThere.vm();
            }
        }
    }

    /**
     * A group as its VMs are now, in the order in which they are to be started.
     *
     * @param peer the other site of all of them
     */
    public record Group(Name name, String peer, List<Member> members) {}

    private record Key(String name, String peer) {}

    private final Protection protection;
    private final Recovery recovery;

    Groups(Protection protection, Recovery recovery) {
        this.protection = protection;
        this.recovery = recovery;
    }

    /** All groups, by name. */
    public List<Group> all() {
        Map<Key, List<Member>> members =
                new TreeMap<>(Comparator.comparing(Key::name).thenComparing(Key::peer));
        Set<VmId> here = new HashSet<>();
        for (Protected vm : protection.all()) {
            here.add(vm.status().vm().id());
            add(members, new Member.Source(vm), vm.source().peer().name());
        }
        for (Recoverable vm : recovery.all()) {
            if (!here.contains(vm.vm().id())) { // else it was one of ours that is gone, or will be again
                add(members, new Member.Replica(vm), vm.replica().site());
            }
        }
        List<Group> all = new ArrayList<>();
        members.forEach((key, found) -> all.add(new Group(
                new Name(key.name()),
                key.peer(),
                found.stream()
                        .sorted(Comparator.comparing(Member::vm, Membership.byStart()))
                        .toList())));
        return all;
    }

    /** The groups of a name: more than one when sites have chosen the same. */
    public List<Group> find(Name name) {
        return all().stream().filter(group -> group.name().equals(name)).toList();
    }

    private static void add(Map<Key, List<Member>> members, Member member, String peer) {
        member.vm().group().ifPresent(group -> members.computeIfAbsent(
                        new Key(group.name().text(), peer), key -> new ArrayList<>())
                .add(member));
    }
}
