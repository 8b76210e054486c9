package io.tidemark.journal.log;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.segment.ActiveIndex;
import io.tidemark.journal.segment.SealedIndex;
import io.tidemark.journal.segment.Segment;
import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the longest valid contiguous prefix of a journal and makes it durable: docs/journal.md, section 5.
 *
 * <p>One use, by the thread that opens the journal. First it changes nothing, and may refuse; then it removes what is not in
 * the prefix, the newest segment first, and seals what is. What it cuts off goes to the quarantine before. So a crash in
 * the middle leaves a journal that recovers to the same prefix.
 */
final class Recovery {

    /** A segment of the prefix. */
    private sealed interface Kept {

        record Sealed(Segment segment) implements Kept {}

        record Walked(SegmentScan scan, SegmentHeader header, ActiveIndex index) implements Kept {}
    }

    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final JournalFolder folder;
    private final JournalId id;
    private final Quarantine quarantine;
    private final List<Kept> kept = new ArrayList<>();
    private final List<SegmentFolder> leftovers = new ArrayList<>();
    private final List<SegmentScan> dropped = new ArrayList<>();
    private Optional<Sequence> last = Optional.empty();
    private boolean ended;

    Recovery(JournalFolder folder, JournalId id) {
        this.folder = folder;
        this.id = id;
        this.quarantine = new Quarantine(folder.quarantine());
    }

    /** The sealed segments of the prefix, oldest first; everything in them is durable. */
    List<Segment> run() throws IOException, JournalUnusable {
        boolean done = false;
        try {
            for (SegmentFolder each : SegmentFolder.list(folder.segments())) {
                inspect(each);
            }
            SpareFiles.removeLeft(folder); // a full disk has no room for an index else
            drop();
            List<Segment> prefix = keep();
            done = true;
            return prefix;
        } catch (InternalError e) {
            throw new IOException("a page of a segment in " + folder.segments() + " cannot be read", e);
        } finally {
            close(done);
        }
    }

    private void inspect(SegmentFolder segment) throws IOException, JournalUnusable {
        Optional<SealedIndex> index = sealedIndex(segment);
        if (index.isPresent()) {
            inspectSealed(segment, index.get());
        } else if (Files.exists(segment.cycleFile())) {
            Rewriting.of(segment.cycleFile()); // before it is read: what is found whole then is durable
            inspectUnsealed(SegmentScan.of(segment));
        } else if (Files.exists(segment.indexFile()) && !kept.isEmpty()) {
            throw new JournalUnusable(segment.cycleFile() + " is gone: its records are lost");
        } else {
            leftovers.add(segment);
        }
    }

    private static Optional<SealedIndex> sealedIndex(SegmentFolder segment) throws IOException {
        Optional<SealedIndex> index = SealedIndex.open(segment);
        return index.isPresent()
                        && Files.exists(segment.cycleFile())
                        && Files.size(segment.cycleFile()) == index.get().end()
                ? index
                : Optional.empty();
    }

    private void inspectSealed(SegmentFolder segment, SealedIndex index) throws IOException, JournalUnusable {
        if (ended || !follows(index.first())) {
            throw new JournalUnusable("segment " + segment.number() + " of " + folder.path() + " begins with record "
                    + index.first() + " where "
                    + last.map(before -> "the one behind " + before).orElse("an older one")
                    + " must be: what is before it is lost or damaged");
        }
        Segment sealed = Segment.sealed(segment, index);
        kept.add(new Kept.Sealed(sealed));
        requireOurs(sealed.header(), segment);
        last = Optional.of(index.last());
    }

    private void inspectUnsealed(SegmentScan scan) throws JournalUnusable {
        boolean foreign = scan.header().isPresent() && !isOurs(scan.header().get(), scan.folder());
        boolean inPrefix =
                !ended && scan.index().isPresent() && follows(scan.index().get().first());
        if (inPrefix && !foreign) {
            kept.add(new Kept.Walked(
                    scan, scan.header().orElseThrow(), scan.index().orElseThrow()));
            last = Optional.of(scan.index().get().last());
            ended = !scan.isBlankBehind();
            return;
        }
        dropped.add(scan);
        if (foreign) {
            requireOurs(scan.header().orElseThrow(), scan.folder());
        }
        // Segments are filled in order: if all of this one was lost, what is behind it cannot follow.
        ended = true;
    }

    /** The newest first: whatever a crash in the middle leaves, the segments before it still tell where the prefix ends. */
    private void drop() throws IOException {
        for (SegmentScan scan : dropped.reversed()) {
            boolean held = scan.index().isPresent() || !scan.isBlankBehind();
            if (held) {
                LOG.warn(
                        "segment {} of {} holds nothing of the prefix ({}), quarantined",
                        scan.folder().number(),
                        folder.path(),
                        scan.trouble());
                quarantine.takeSegment(scan.folder());
            } else {
                scan.folder().delete();
            }
            SegmentFolder.forceDirectory(folder.segments());
        }
        for (SegmentFolder each : leftovers.reversed()) {
            each.delete();
        }
        SegmentFolder.forceDirectory(folder.segments());
    }

    private List<Segment> keep() throws IOException {
        List<Segment> prefix = new ArrayList<>();
        for (Kept each : kept) {
            prefix.add(
                    switch (each) {
                        case Kept.Sealed(Segment segment) -> segment;
                        case Kept.Walked walked -> seal(walked);
                    });
        }
        return prefix;
    }

    private Segment seal(Kept.Walked walked) throws IOException {
        SegmentScan scan = walked.scan();
        if (!scan.isBlankBehind()) {
            LOG.warn(
                    "segment {} of {} ends with record {}: what is behind byte {} is not a record ({}), quarantined",
                    scan.folder().number(),
                    folder.path(),
                    walked.index().last(),
                    scan.end(),
                    scan.trouble());
            quarantine.takeTail(scan.folder(), scan.map().bytes(), scan.end());
        }
        SegmentFolder.forceDirectory(scan.folder().path());
        Segment segment = Segment.unsealed(scan.folder(), walked.header(), walked.index());
        try {
            segment.seal(scan.end());
            return segment;
        } catch (IOException | RuntimeException e) {
            segment.close();
            throw e;
        }
    }

    private boolean follows(Sequence first) {
        return last.isEmpty() || first.follows(last.get());
    }

    private boolean isOurs(SegmentHeader header, SegmentFolder segment) {
        return header.journal().equals(id) && header.number() == segment.number();
    }

    private void requireOurs(SegmentHeader header, SegmentFolder segment) throws JournalUnusable {
        if (!isOurs(header, segment)) {
            throw new JournalUnusable(segment.path() + " is segment " + header.number() + " of journal "
                    + header.journal() + ", not segment " + segment.number() + " of " + id);
        }
    }

    private void close(boolean done) {
        dropped.forEach(SegmentScan::close);
        for (Kept each : kept) {
            switch (each) {
                case Kept.Walked walked -> walked.scan().close();
                case Kept.Sealed(Segment segment) -> {
                    if (!done) {
                        segment.close();
                    }
                }
            }
        }
    }
}
