package io.tidemark.ship;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.Sequence;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Resume;
import io.tidemark.link.UplinkListener.Decision;
import java.util.Optional;

/** Decides from what a receiver has whether it continues this journal, behind the origin of the lineage that is shipped (docs/protocol.md, section 3). */
final class Continuity {

    private Continuity() {}

    static Decision decide(Journal journal, Sequence origin, Resume resume) {
        return switch (resume) {
            case Resume.Nothing nothing -> fromTheBeginning(journal, origin);
            case Resume.After after -> after(journal, origin, after);
        };
    }

    private static Decision fromTheBeginning(Journal journal, Sequence origin) {
        return !journal.trimmed().isAfter(origin)
                ? new Decision.Start(origin.next())
                : new Decision.Refuse(
                        ErrorCode.TRIMMED,
                        "the receiver has nothing, and records up to " + journal.trimmed() + " are trimmed here");
    }

    private static Decision after(Journal journal, Sequence origin, Resume.After after) {
        Sequence last = after.last();
        if (!last.isAfter(origin)) {
            return diverged("the receiver has record " + last + " of a lineage that begins behind " + origin);
        }
        if (last.isAfter(journal.durable())) {
            return diverged("the receiver has record " + last + ", this journal ends at " + journal.durable());
        }
        if (!last.isAfter(journal.trimmed())) {
            return new Decision.Refuse(
                    ErrorCode.TRIMMED,
                    "the receiver has up to record " + last + ", records up to " + journal.trimmed()
                            + " are trimmed here");
        }
        if (!lifeAt(journal, last).filter(after.incarnation()::equals).isPresent()) {
            return diverged("record " + last + " was written in another life of the journal");
        }
        return journal.checksum(last) == after.crc()
                ? new Decision.Start(last.next())
                : diverged("record " + last + " is not the same at both sites");
    }

    private static Optional<Incarnation> lifeAt(Journal journal, Sequence sequence) {
        return journal.lives().stream()
                .filter(life -> !life.first().isAfter(sequence))
                .reduce((earlier, later) -> later)
                .map(Life::incarnation);
    }

    private static Decision diverged(String message) {
        return new Decision.Refuse(ErrorCode.DIVERGED, message);
    }
}
