package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.term.Common;
import java.util.Locale;
import java.util.UUID;

/**
 * What of a promoted VM is copied to the site that was its source.
 *
 * <pre>
 *   Undecided --the sites agree--> Difference --the other site has something else--> Whole
 *       +--they cannot-------------------------------------------------------------> Whole
 * </pre>
 *
 * @param journal of Difference: under which the old source ships what it had
 * @param last of Difference: its last record; of Whole: the one of ours that points count behind
 * @param checksum of Difference: of that record
 * @param reason why it is that, for people; empty while it is not decided
 */
public record CopyBack(
        @JsonProperty("kind") Kind kind,
        @JsonProperty("journal") UUID journal,
        @JsonProperty("last") Sequence last,
        @JsonProperty("checksum") int checksum,
        @JsonProperty("reason") String reason) {

    /** How much it is. */
    public enum Kind {
        /** It is not known yet: the copy does not end. */
        UNDECIDED,
        /** What the two sites do not have in common. */
        DIFFERENCE,
        /** Everything. */
        WHOLE;

        /** Its name in REST. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final UUID NO_JOURNAL = new UUID(0, 0);

    static final CopyBack UNDECIDED = new CopyBack(Kind.UNDECIDED, NO_JOURNAL, Sequence.NONE, 0, "");

    static CopyBack difference(Common common, String reason) {
        return new CopyBack(Kind.DIFFERENCE, common.journal().id(), common.last(), common.checksum(), reason);
    }

    static CopyBack whole(Sequence behind, String reason) {
        return new CopyBack(Kind.WHOLE, NO_JOURNAL, behind, 0, reason);
    }

    boolean isUndecided() {
        return kind == Kind.UNDECIDED;
    }

    /** What the sites have agreed on, of the VM that the other one knows by that disk. */
    Common common(StreamId disk) {
        return new Common(disk, new JournalId(journal), last, checksum);
    }
}
