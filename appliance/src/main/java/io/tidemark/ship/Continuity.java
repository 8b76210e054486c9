package io.tidemark.ship;

import io.tidemark.journal.Incarnation;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Journal.Life;
import io.tidemark.journal.Sequence;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Resume;
import io.tidemark.link.UplinkListener.Decision;
import java.util.List;
import java.util.Optional;

/**
 * Decides from what a receiver has whether it continues this journal, behind the origin of the lineage that is shipped, and perhaps behind
 * records that were given up (docs/protocol.md, sections 3 and 5).
 */
record Continuity(Journal journal, Sequence origin, Optional<GivenUp> givenUp) {

    Decision decide(Resume resume) {
        return switch (resume) {
            case Resume.Nothing nothing -> fromTheBeginning();
            case Resume.After after -> after(after);
        };
    }

    private Decision fromTheBeginning() {
        return !journal.trimmed().isAfter(origin) || isBeforeGivenUp(origin)
                ? new Decision.Start(origin.next())
                : new Decision.Refuse(
                        ErrorCode.TRIMMED,
                        "the receiver has nothing, and records up to " + journal.trimmed() + " are trimmed here");
    }

    private Decision after(Resume.After after) {
        Sequence last = after.last();
        if (!last.isAfter(origin)) {
            return diverged("the receiver has record " + last + " of a lineage that begins behind " + origin);
        }
        if (last.isAfter(journal.durable())) {
            return diverged("the receiver has record " + last + ", this journal ends at " + journal.durable());
        }
        boolean here = last.isAfter(journal.trimmed());
        if (!here && !vouchedFor(last)) {
            return new Decision.Refuse(
                    ErrorCode.TRIMMED,
                    "the receiver has up to record " + last + ", records up to " + journal.trimmed()
                            + " are trimmed here");
        }
        List<Life> lives = here ? journal.lives() : givenUp.map(GivenUp::lives).orElse(List.of());
        if (lifeAt(lives, last).filter(after.incarnation()::equals).isEmpty()) {
            return diverged("record " + last + " was written in another life of the journal");
        }
        return !here || journal.checksum(last) == after.crc()
                ? new Decision.Start(last.next())
                : diverged("record " + last + " is not the same at both sites");
    }

    private boolean isBeforeGivenUp(Sequence last) {
        return givenUp.filter(records -> records.helps(last)).isPresent();
    }

    /** The record itself is gone: that it was written in a life of this journal has to do. */
    private boolean vouchedFor(Sequence last) {
        return isBeforeGivenUp(last)
                && lifeAt(givenUp.orElseThrow().lives(), last).isPresent();
    }

    private static Optional<Incarnation> lifeAt(List<Life> lives, Sequence sequence) {
        return lives.stream()
                .filter(life -> !life.first().isAfter(sequence))
                .reduce((earlier, later) -> later)
                .map(Life::incarnation);
    }

    private static Decision diverged(String message) {
        return new Decision.Refuse(ErrorCode.DIVERGED, message);
    }
}
