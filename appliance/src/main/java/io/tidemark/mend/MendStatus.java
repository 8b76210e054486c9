package io.tidemark.mend;

import java.util.Locale;
import java.util.OptionalLong;

/**
 * How far the comparison of a disk with its source's has come.
 *
 * @param phase where it stands
 * @param origin the export that is read
 * @param sizeBytes of the disk
 * @param comparedBytes so much of it was read and compared
 * @param laidBytes so much was different, and is in the journal
 * @param secondsLeft at the speed so far; empty when that is not known, or it has ended
 * @param reason of a failure, for people; else empty
 */
public record MendStatus(
        Phase phase,
        String origin,
        long sizeBytes,
        long comparedBytes,
        long laidBytes,
        OptionalLong secondsLeft,
        String reason) {

    /** Where it stands. */
    public enum Phase {
        RUNNING,
        /** The disk is in sync. */
        COMPLETE,
        /** It may be tried again: what was laid stays. */
        FAILED;

        /** Its name in REST. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
