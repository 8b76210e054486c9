package io.tidemark.journal.log;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.AppendOutcome.Appended;
import io.tidemark.journal.AppendOutcome.Full;
import io.tidemark.journal.AppendOutcome.NotReady;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.InvalidRange;
import io.tidemark.journal.Invariant;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.format.RangeFormat;
import io.tidemark.journal.format.RecordDecoder;
import io.tidemark.journal.format.RecordEncoder;
import io.tidemark.journal.segment.ActiveIndex;
import io.tidemark.journal.segment.DocumentWalk;
import io.tidemark.journal.segment.Segment;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Gives records their place: the end of the active segment, or the beginning of the next. The owner's thread. */
final class Appender {

    /** The segment that is appended to. */
    private record Active(OpenSegment open, ActiveIndex index) {}

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final JournalIdentity identity;
    private final JournalSettings settings;
    private final int documentBytesMax;
    private final InstantSource clock;
    private final SegmentSupply supply;
    private final BiConsumer<OpenSegment, Segment> whenRolled;
    private final RecordEncoder encoder = new RecordEncoder();
    private final RecordDecoder decoder = new RecordDecoder();
    private volatile Sequence appended;
    private @Nullable Active active;

    /**
     * @param last the last record of the lives before
     * @param whenRolled is told of each segment before the first append to it
     */
    Appender(
            JournalIdentity identity,
            JournalSettings settings,
            int documentBytesMax,
            InstantSource clock,
            SegmentSupply supply,
            Sequence last,
            BiConsumer<OpenSegment, Segment> whenRolled) {
        this.identity = identity;
        this.settings = settings;
        this.documentBytesMax = documentBytesMax;
        this.clock = clock;
        this.supply = supply;
        this.appended = last;
        this.whenRolled = whenRolled;
    }

    Sequence appended() {
        return appended;
    }

    /** The segment that is appended to, if this life has appended anything. */
    Optional<OpenSegment> active() {
        return Optional.ofNullable(active).map(Active::open);
    }

    AppendOutcome append(Entry entry) {
        Invariant.check(
                identity.kind() == JournalIdentity.Kind.SOURCE,
                () -> "journal " + identity.id() + " is a replica's: it takes ranges");
        if (active == null && !(entry instanceof Entry.Opened)) {
            AppendOutcome opened = append(new Entry.Opened(identity.incarnation(), identity.boot()));
            if (!(opened instanceof Appended)) {
                return opened;
            }
        }
        JournalRecord record = new JournalRecord(appended.next(), nanos(clock.instant()), entry);
        encoder.encode(record.sequence(), record.timeNanos(), entry);
        Optional<AppendOutcome> refused = makeRoom(record.sequence(), encoder.bytes(), entry instanceof Entry.Control);
        if (refused.isPresent()) {
            return refused.get();
        }
        Active to = requireActive();
        long position = to.open().writer().append(encoder.header(), encoder.payload());
        to.index().add(record, position);
        appended = record.sequence();
        return new Appended(appended);
    }

    AppendOutcome append(Range range) throws InvalidRange {
        Invariant.check(
                identity.kind() == JournalIdentity.Kind.REPLICA,
                () -> "journal " + identity.id() + " is a source's: it takes entries");
        Sequence expected = appended.next();
        boolean follows = range.first().equals(expected) || appended.equals(Sequence.NONE);
        if (!follows || range.body().remaining() > RangeFormat.BODY_BYTES_MAX) {
            throw new InvalidRange("range " + range.first() + ".." + range.last() + " of "
                    + range.body().remaining() + " bytes cannot follow record " + appended);
        }
        int documentBytes = RangeFormat.HEADER_BYTES + range.body().remaining();
        if (documentBytes > documentBytesMax) {
            throw new InvalidRange("range " + range.first() + ".." + range.last() + " of " + documentBytes
                    + " bytes: segments of this size take up to " + documentBytesMax);
        }
        List<JournalRecord> records = RangeFormat.records(range, decoder);
        Optional<AppendOutcome> refused = makeRoom(range.first(), documentBytes, false);
        if (refused.isPresent()) {
            return refused.get();
        }
        Active to = requireActive();
        long position = to.open().writer().append(RangeFormat.header(range), range.body()) + RangeFormat.HEADER_BYTES;
        for (JournalRecord record : records) {
            to.index().add(record, position);
            position += RecordDecoder.size(record);
        }
        appended = range.last();
        return new Appended(appended);
    }

    /** Sees to it that the active segment has room, and says why if it cannot. */
    private Optional<AppendOutcome> makeRoom(Sequence first, int bytes, boolean control) {
        if (bytes > documentBytesMax) {
            throw new IllegalArgumentException(
                    "a document of " + bytes + " bytes: segments of this size take up to " + documentBytesMax);
        }
        Active now = active;
        long margin = DocumentWalk.HEADER_BYTES + (control ? 0 : settings.controlBytes());
        if (now != null && now.open().writer().hasRoom(bytes + margin)) {
            return Optional.empty();
        }
        Optional<OpenSegment> next = supply.take();
        if (next.isEmpty()) {
            return Optional.of(supply.limit().<AppendOutcome>map(Full::new).orElseGet(NotReady::new));
        }
        roll(next.get(), first);
        return Optional.empty();
    }

    private void roll(OpenSegment next, Sequence first) {
        try {
            ActiveIndex index = new ActiveIndex(first);
            Segment segment = Segment.unsealed(next.folder(), next.header(), index);
            active = new Active(next, index);
            whenRolled.accept(next, segment);
        } catch (IOException e) {
            throw new Fault(
                    "journal " + identity.id() + ": mapping " + next.folder().path(), e);
        }
    }

    private Active requireActive() {
        Active now = active;
        if (now == null) {
            throw new Fault("journal " + identity.id() + " has no active segment");
        }
        return now;
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * NANOS_PER_SECOND + instant.getNano();
    }
}
