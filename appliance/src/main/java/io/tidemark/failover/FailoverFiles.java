package io.tidemark.failover;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.state.DurableFile;
import io.tidemark.state.SmallFiles;
import io.tidemark.vm.Name;
import io.tidemark.vm.VmDocument;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The newest failover of each VM, one file each. What is found here is durable. Any thread.
 *
 * <p>A failover of a group has one file more, from when it is begun until none of its VMs is only that: it says so of all of them at once, and what the file
 * of a VM says of a later step counts more.
 */
final class FailoverFiles {

    /** Two documents of each VM, with their definitions; what is larger could be written and not read. */
    static final int GROUP_BYTES_MAX = 128 << 20;

    private static final String SUFFIX = ".json";
    private static final String GROUPS = "groups";

    private final SmallFiles files;
    private final Map<VmId, Failover> known = new ConcurrentHashMap<>();
    private final List<GroupFailover> groups = new CopyOnWriteArrayList<>();

    /** Reads what earlier lives have left. One that cannot be read keeps the site from starting: a VM may live on it. */
    FailoverFiles(SmallFiles files) throws IOException {
        this.files = files;
        for (Failover each : read("", Failover.class)) {
            known.put(each.vm().id(), each);
        }
        groups.addAll(read(GROUPS, GroupFailover.class));
        groups.forEach(this::takeUp);
    }

    private <T> List<T> read(String folder, Class<T> type) throws IOException {
        List<T> all = new ArrayList<>();
        for (String name : files.names(folder)) {
            if (name.endsWith(SUFFIX)) {
                all.add(new DurableFile<>(files, name, type, VmDocument.mapper())
                        .read()
                        .orElseThrow());
            }
        }
        return all;
    }

    private void takeUp(GroupFailover group) {
        group.members().forEach(begun -> known.merge(begun.vm().id(), begun, FailoverFiles::later));
    }

    /** Of what the file of a VM says, and what that of its group does. */
    private static Failover later(Failover own, Failover begun) {
        boolean sameTerm = own.term() == begun.term();
        return own.term() > begun.term() || (sameTerm && own.stage() != Failover.Stage.WANTED) ? own : begun;
    }

    Collection<Failover> all() {
        return List.copyOf(known.values());
    }

    Optional<Failover> find(VmId vm) {
        return Optional.ofNullable(known.get(vm));
    }

    /** Changes one, unless it is gone or another has taken its place. Durable on return. */
    synchronized Optional<Failover> update(Failover known, UnaryOperator<Failover> change) throws IOException {
        Optional<Failover> now = find(known.vm().id())
                .filter(failover -> failover.term() == known.term() && failover.has(known.firstDisk()));
        return now.isPresent() ? Optional.of(write(change.apply(now.get()))) : Optional.empty();
    }

    /** Durable on return, and found from then on. */
    synchronized Failover write(Failover failover) throws IOException {
        fileOf(failover).write(failover);
        known.put(failover.vm().id(), failover);
        return failover;
    }

    /** The failover of a group that has begun, and is not past that with all of its VMs. */
    Optional<GroupFailover> group(JournalId replica, Name group) {
        return groups.stream().filter(each -> each.isOf(replica, group)).findFirst();
    }

    /** Why it cannot be kept, if that is so. */
    static Optional<String> objection(GroupFailover group) throws IOException {
        long bytes = VmDocument.mapper().writeValueAsBytes(group).length;
        return bytes > GROUP_BYTES_MAX
                ? Optional.of("the definitions of its VMs have " + bytes + " bytes, over " + GROUP_BYTES_MAX
                        + ": fail over VM by VM")
                : Optional.empty();
    }

    /** All of its VMs are begun, durably on return; after a crash in the middle, all or none. */
    synchronized GroupFailover begin(GroupFailover group) throws IOException {
        fileOf(group).write(group);
        groups.add(group);
        takeUp(group);
        return group;
    }

    /** Forgets the group once each of its VMs has gone on: their own files say that. Durable on return. */
    synchronized void settle(GroupFailover group) throws IOException {
        boolean over = group.members().stream().noneMatch(each -> find(each.vm().id())
                .filter(now -> now.stage() == Failover.Stage.BEGUN && now.term() == each.term())
                .isPresent());
        if (over) {
            fileOf(group).delete();
            groups.remove(group);
        }
    }

    /** Those that {@link #group} finds. */
    Collection<GroupFailover> groups() {
        return List.copyOf(groups);
    }

    /** Forgotten, durably on return. */
    synchronized void delete(Failover failover) throws IOException {
        for (GroupFailover group : groups()) {
            replaceWithout(group, failover.vm().id());
        }
        fileOf(failover).delete();
        known.remove(failover.vm().id());
    }

    /** The one that the disk's volume here stands on a replica for. */
    Optional<Failover> under(StreamId stream) {
        return known.values().stream()
                .filter(failover -> failover.stage().standsOnReplica() && failover.has(stream))
                .findFirst();
    }

    /**
     * The oldest record of a replica that is still needed: the point that a promoted VM stands on, or the one behind which it is still to be found out what
     * its old source has changed.
     *
     * @param counts whether the failover of a VM is of any interest
     */
    Optional<Sequence> oldestNeeded(JournalId replica, Predicate<Failover> counts) {
        return known.values().stream()
                .filter(failover -> failover.replica().equals(replica))
                .flatMap(failover -> {
                    if (failover.stage().standsOnReplica()) {
                        return Stream.of(failover.point());
                    }
                    boolean open = failover.stage() == Failover.Stage.PLAIN
                            && failover.copyBack().isUndecided()
                            && counts.test(failover);
                    return open ? Stream.of(failover.aside()) : Stream.empty();
                })
                .min(Sequence::compareTo);
    }

    /** Whether nobody knows yet what is to be copied of a promoted disk. */
    boolean isUndecided(StreamId stream) {
        return known.values().stream()
                .anyMatch(
                        failover -> failover.isUnderWay() && failover.copyBack().isUndecided() && failover.has(stream));
    }

    /** Else a later life would find it begun. */
    private void replaceWithout(GroupFailover group, VmId vm) throws IOException {
        GroupFailover others = new GroupFailover(
                group.group(),
                group.journal(),
                group.members().stream()
                        .filter(each -> !each.vm().id().equals(vm))
                        .toList());
        if (!others.equals(group)) {
            fileOf(others).write(others);
            groups.remove(group);
            groups.add(others);
        }
    }

    private DurableFile<GroupFailover> fileOf(GroupFailover group) {
        return new DurableFile<>(
                files,
                GROUPS + "/" + group.journal() + "-" + group.group() + SUFFIX,
                GroupFailover.class,
                VmDocument.mapper());
    }

    private DurableFile<Failover> fileOf(Failover failover) {
        return new DurableFile<>(files, failover.vm().id() + SUFFIX, Failover.class, VmDocument.mapper());
    }
}
