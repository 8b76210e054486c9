package io.tidemark.failover;

import io.tidemark.events.EventLog;
import io.tidemark.failover.Failover.Stage;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.replica.Shared;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.term.Claim;
import io.tidemark.term.Common;
import io.tidemark.term.Tenure;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Vm;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out what a promoted VM's old source lacks of it, so that no more than that is copied there. At the new source; the other end is {@link Footings}.
 *
 * <p>Until it is known the copy does not end. What is decided is durable before anything follows from it: after a crash it is decided, or will be.
 */
public final class Failback {

    private static final Logger LOG = LoggerFactory.getLogger(Failback.class);

    private final FailoverFiles files;
    private final Promotion promotion;
    private final Roles roles;
    private final Home home;
    private final String here;
    private final EventLog events;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final AtomicLong heard = new AtomicLong();
    private final Map<VmId, Word.Said> words = new ConcurrentHashMap<>(); // the last of each old source
    private final Map<VmId, Word> answered = new HashMap<>();
    private final Map<VmId, Long> waiting = new HashMap<>(); // since when for something that may never come
    private final Map<VmId, String> failures = new HashMap<>();

    /** @param patience how long the old source may be there without a word about what it has, or not ship what it has told of */
    Failback(
            FailoverFiles files,
            Promotion promotion,
            Roles roles,
            Home home,
            String here,
            EventLog events,
            Duration patience,
            LongSupplier nanoTime) {
        this.files = files;
        this.promotion = promotion;
        this.roles = roles;
        this.home = home;
        this.here = here;
        this.events = events;
        this.patience = patience;
        this.nanoTime = nanoTime;
        roles.onClaim(this::hear);
    }

    /** Whether this site is the source of the VM in the term of that failover. */
    boolean isCurrent(Failover failover) {
        return failover.isUnderWay() && roles.tenure(failover.vm().id()) instanceof Tenure.Held;
    }

    /** Decides what can be decided by now, and answers. Blocks; one thread. */
    public void look() {
        for (Failover each : files.all()) {
            if (isCurrent(each) && each.stage() != Stage.BEGUN) {
                try {
                    look(each);
                    failures.remove(each.vm().id());
                } catch (IOException | RuntimeException e) {
                    failed(each, e); // tried again
                }
            }
        }
    }

    private void look(Failover failover) throws IOException {
        VmId vm = failover.vm().id();
        if (!home.has(vm)) {
            if (failover.stage() == Stage.PLAIN && failover.copyBack().isUndecided()) {
                files.delete(failover); // its protection has ended
            }
            return;
        }
        Vm now = home.shipped(failover.peer(), vm).orElse(failover.vm());
        Word word = wordOn(failover, now);
        if (failover.copyBack().isUndecided()) {
            decide(failover, now, word);
        } else if (word instanceof Word.Said said && !said.equals(answered.get(vm))) {
            if (failover.copyBack().kind() == CopyBack.Kind.DIFFERENCE) {
                hold(failover, now, said.claim());
            } else {
                answer(failover, said.disk());
            }
            answered.put(vm, said); // whatever comes behind it is answered again
        }
    }

    /** It names one of the disks: of those that were promoted, or of those that the VM has by now, which the old source may have heard of first. */
    private Word wordOn(Failover failover, Vm now) {
        Word.Said said = words.get(failover.vm().id());
        return said != null && (failover.has(said.disk()) || now.has(said.disk())) ? said : Word.NONE;
    }

    /** What the old source has said. */
    private sealed interface Word {

        Word NONE = new Silent();

        /** Nothing yet. */
        record Silent() implements Word {}

        /** The same said again has another number. */
        record Said(long number, Claim claim) implements Word {
            StreamId disk() {
                return claim.common().disk();
            }
        }
    }

    private void decide(Failover failover, Vm now, Word word) throws IOException {
        String peer = failover.peer();
        switch (word) {
            case Word.Silent silent -> {
                if (hasWaited(failover, roles.isConnected(peer))) {
                    copyWhole(failover, now, failover.firstDisk(), "site " + peer + " does not say what it has");
                }
            }
            case Word.Said said -> {
                switch (said.claim().kind()) {
                    case BASED -> compare(failover, now, said.claim().common());
                    case BASELESS ->
                        copyWhole(
                                failover,
                                now,
                                said.disk(),
                                "site " + peer + " has nothing of the VM that it could go on with");
                    default -> waiting.remove(failover.vm().id()); // it will say more
                }
            }
        }
    }

    private void compare(Failover failover, Vm now, Common theirs) throws IOException {
        String peer = failover.peer();
        StreamId disk = theirs.disk();
        if (!now.hasDisksOf(failover.vm())) {
            copyWhole(failover, now, disk, "its disks are not those any more that it was promoted with");
            return;
        }
        if (!theirs.journal().equals(new JournalId(failover.journal()))) {
            copyWhole(failover, now, disk, "the VM was not promoted from what site " + peer + " ships now");
            return;
        }
        if (theirs.last().isBefore(failover.point())) {
            copyWhole(
                    failover, now, disk, "site " + peer + " was put back to a state before the point of the failover");
            return;
        }
        switch (promotion
                .replica(failover)
                .shared(failover.from(), theirs.last())
                .join()) {
            case Shared.NotYet notYet -> {
                if (hasWaited(failover, !notYet.connected())) {
                    copyWhole(
                            failover,
                            now,
                            disk,
                            "site " + peer + " does not ship what it has written behind the point");
                }
            }
            case Shared.Unknown unknown -> copyWhole(failover, now, disk, unknown.reason());
            case Shared.UpTo upTo
            when upTo.checksum() != theirs.checksum() ->
                copyWhole(failover, now, disk, "record " + theirs.last() + " is not the same at both sites");
            case Shared.UpTo upTo -> copyDifference(failover, now, theirs);
        }
    }

    private void copyDifference(Failover failover, Vm now, Common common) throws IOException {
        Map<StreamId, DirtyBlocks> changed;
        try {
            changed = promotion.changedByOldSource(failover, common.last());
        } catch (IOException gone) {
            copyWhole(
                    failover,
                    now,
                    common.disk(),
                    "what site " + failover.peer() + " has written is not known any more: " + gone.getMessage());
            return;
        }
        Map<StreamId, DirtyBlocks> lacking = new HashMap<>();
        long bytes = 0;
        for (Disk disk : failover.vm().disks()) {
            DirtyBlocks blocks = changed.getOrDefault(failover.under(disk.id()), new DirtyBlocks(disk.sizeBytes()));
            lacking.put(disk.id(), blocks);
            bytes += blocks.bytes();
        }
        String what = "site " + failover.peer() + " goes on with the disks that it has: " + bytes
                + " bytes that it had changed behind record " + failover.point()
                + " are copied to it, beside what is written here";
        decide(failover, common.disk(), lacking, CopyBack.difference(common, what));
        events.info("failback-difference", failover.vm().name().text(), what);
    }

    /** A disk that was added since, too: the other site may have let it begin with one of the same name. */
    private void copyWhole(Failover failover, Vm now, StreamId disk, String why) throws IOException {
        List<Disk> added = now.disksNotIn(failover.vm());
        Sequence behind = added.isEmpty() ? Sequence.NONE : home.copyAgain(failover.peer(), now.on(added));
        decide(failover, disk, Map.of(), CopyBack.whole(behind, why));
        events.warn(
                "failback-whole",
                failover.vm().name().text(),
                "all disks are copied to " + failover.peer() + ": " + why);
    }

    private void decide(Failover failover, StreamId disk, Map<StreamId, DirtyBlocks> lacking, CopyBack decided)
            throws IOException {
        home.lacking(failover.peer(), failover.vm(), lacking);
        var now = files.update(failover, known -> known.copying(decided));
        home.release(failover.peer(), failover.vm());
        waiting.remove(failover.vm().id());
        if (now.isPresent()) {
            answer(now.get(), disk);
        }
    }

    /** It was agreed on something: that has to be what the other site says now, too. */
    private void hold(Failover failover, Vm vm, Claim word) throws IOException {
        StreamId disk = word.common().disk();
        boolean same = word.kind() == Claim.Kind.BASED
                && word.common().equals(failover.copyBack().common(disk));
        if (same) {
            answer(failover, disk);
            return;
        }
        Sequence from = home.copyAgain(failover.peer(), vm);
        String why = "site " + failover.peer()
                + " has not the disks any more that it was agreed on: it was put back to an older state";
        var now = files.update(failover, known -> known.copying(CopyBack.whole(from, why)));
        events.error(
                "failback-whole",
                failover.vm().name().text(),
                "all disks are copied to " + failover.peer() + ": " + why);
        if (now.isPresent()) {
            answer(now.get(), disk);
        }
    }

    /** @param disk by which the other site knows what is talked of */
    private void answer(Failover failover, StreamId disk) {
        CopyBack decided = failover.copyBack();
        Common common =
                switch (decided.kind()) {
                    case DIFFERENCE -> decided.common(disk);
                    case WHOLE, UNDECIDED -> Common.of(disk, decided.last());
                };
        Claim.Kind kind = decided.kind() == CopyBack.Kind.DIFFERENCE ? Claim.Kind.AGREED : Claim.Kind.WHOLE;
        if (roles.tenure(failover.vm().id()) instanceof Tenure.Held held) {
            roles.tell(failover.peer(), new Claim(failover.vm().id(), held.term(), kind, common));
        }
    }

    private void hear(String peer, Claim claim) {
        boolean isWord = claim.kind() == Claim.Kind.BASING
                || claim.kind() == Claim.Kind.BASED
                || claim.kind() == Claim.Kind.BASELESS;
        boolean isOurs = isWord
                && claim.term().site().equals(here)
                && files.find(claim.vm())
                        .filter(failover -> failover.peer().equals(peer))
                        .isPresent();
        if (isOurs) {
            words.put(claim.vm(), new Word.Said(heard.incrementAndGet(), claim));
        }
    }

    private boolean hasWaited(Failover failover, boolean counts) {
        if (!counts) {
            waiting.remove(failover.vm().id());
            return false;
        }
        long now = nanoTime.getAsLong();
        return now - waiting.computeIfAbsent(failover.vm().id(), vm -> now) > patience.toNanos();
    }

    private void failed(Failover failover, Exception e) {
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        String why = String.valueOf(cause.getMessage());
        if (!why.equals(failures.put(failover.vm().id(), why))) {
            LOG.warn(
                    "vm={}: what is to be copied back is not decided yet",
                    failover.vm().name(),
                    e);
        }
    }
}
