package io.tidemark.resync;

import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Shipping;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one stream: what is still to be copied and what is being read. The owner's.
 *
 * <p>First the disk is surveyed for holes, which cost a record and no bytes; then the rest is read, from the front, again and again
 * until nothing is dirty. Claims never overlap.
 */
final class StreamCopy {

    /** What is looked through for holes at a time. */
    private static final int SURVEY_BLOCKS = 4096;

    /** Chunks in a row of which the replica had nothing, until it is asked more seldom. */
    private static final int IN_VAIN_MAX = 16;

    /** Of how many chunks it is then asked for one. */
    private static final int SELDOM = 16;

    /** What is done with a run of blocks; false when it could not be. */
    @FunctionalInterface
    interface Appending {
        boolean append(Extent extent);
    }

    private final Subject subject;
    private final DirtyBlocks dirty;
    private final Set<Claim> claims = new HashSet<>();
    private @Nullable Claim survey;
    private boolean remembered;
    private boolean tracks;
    private long surveyed;
    private long next;
    private long inVain;
    private long passedOver;

    StreamCopy(Subject subject, DirtyBlocks dirty) {
        this.subject = subject;
        this.dirty = dirty;
    }

    Subject subject() {
        return subject;
    }

    DirtyBlocks dirty() {
        return dirty;
    }

    long dirtyBytes() {
        return dirty.bytes();
    }

    /** Every block that is dirty is so on the disk, too. */
    void remembered() {
        remembered = true;
    }

    /** Whether every change makes dirty what it touches, instead of being shipped, and nothing is copied meanwhile. */
    boolean tracks() {
        return tracks;
    }

    void track(boolean on) {
        tracks = on;
    }

    /** Whether a change of the extent need not be shipped, since all of it will be copied, whatever happens in between. */
    boolean leavesOut(Extent extent) {
        return remembered && (tracks || dirty.areDirty(extent));
    }

    /** The client's change was appended: what is being read of it is void, and what it covers is no longer lacking, if it is shipped. */
    void changed(Entry.Data change) {
        claims.forEach(claim -> claim.touched(change.extent()));
        if (change.shipping() == Shipping.LEFT_OUT) {
            dirty.mark(change.extent()); // is so already, unless changes are tracked
        } else {
            dirty.clearCovered(change.extent());
        }
    }

    /** The next part to look through for holes; empty when that is done, or one is being looked through. */
    Optional<Claim> survey() {
        if (surveyed == dirty.blocks() || survey != null) {
            return Optional.empty();
        }
        long first = dirty.next(surveyed);
        surveyed = Math.min(first + SURVEY_BLOCKS, dirty.blocks());
        if (first < dirty.blocks()) {
            survey = claim(first, surveyed);
        }
        return Optional.ofNullable(survey);
    }

    /** The next dirty blocks to read, as many as follow each other up to {@code blocksMax}; empty when none is left to claim. */
    Optional<Claim> chunk(int blocksMax) {
        if (surveyed < dirty.blocks() || survey != null) {
            return Optional.empty();
        }
        long first = dirty.next(next);
        if (first == dirty.blocks() && claims.isEmpty()) {
            first = dirty.next(0);
        }
        if (first == dirty.blocks()) {
            return Optional.empty();
        }
        long behind = first + 1;
        while (behind < dirty.blocks() && behind - first < blocksMax && dirty.isDirty(behind)) {
            behind++;
        }
        next = behind;
        return Optional.of(claim(first, behind));
    }

    /** Whether the replica is asked about the next chunk: not about each, once it has turned out to have little. */
    boolean asks() {
        if (inVain < IN_VAIN_MAX) {
            return true;
        }
        passedOver++;
        return passedOver % SELDOM == 0;
    }

    /** The replica has these blocks of a claim as they were when it was claimed: those that are untouched since are not lacking. */
    void replicaHas(Claim claim, BitSet equal) {
        inVain = equal.isEmpty() ? inVain + 1 : 0;
        equal.stream()
                .mapToLong(block -> claim.first() + block)
                .filter(block -> isToCopy(claim, block))
                .forEach(block -> dirty.clear(block, block + 1));
    }

    Extent extent(Claim claim) {
        return dirty.extent(claim.first(), claim.behind());
    }

    /** What was claimed has been read, or could not be: it may be claimed again as far as it is still dirty. */
    void release(Claim claim) {
        claims.remove(claim);
        if (claim.equals(survey)) {
            survey = null;
        }
    }

    /**
     * Appends what is still dirty and untouched of the blocks that lie wholly within an extent of a claim; false as soon as
     * something could not be appended.
     */
    boolean append(Claim claim, Extent within, Appending appending) {
        long at = Math.ceilDiv(within.offset(), DirtyBlocks.BLOCK_BYTES);
        long end = within.end() == extent(claim).end() ? claim.behind() : within.end() / DirtyBlocks.BLOCK_BYTES;
        while (at < end) {
            long from = firstToCopy(claim, at, end);
            long behind = from;
            while (behind < end && isToCopy(claim, behind)) {
                behind++;
            }
            if (from < behind) {
                if (!appending.append(dirty.extent(from, behind))) {
                    return false;
                }
                dirty.clear(from, behind);
            }
            at = behind;
        }
        return true;
    }

    /** Whether the replica lacks nothing any more. */
    boolean isComplete() {
        return dirty.count() == 0 && claims.isEmpty() && !tracks;
    }

    private Claim claim(long first, long behind) {
        Claim claim = new Claim(first, (int) (behind - first));
        claims.add(claim);
        return claim;
    }

    private long firstToCopy(Claim claim, long from, long end) {
        long at = from;
        while (at < end && !isToCopy(claim, at)) {
            at++;
        }
        return at;
    }

    private boolean isToCopy(Claim claim, long block) {
        return claim.isUntouched(block) && dirty.isDirty(block);
    }
}
