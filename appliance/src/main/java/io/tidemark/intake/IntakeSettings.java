package io.tidemark.intake;

import io.tidemark.resync.CopySettings;
import java.time.Duration;

/**
 * The limits of taking writes in.
 *
 * @param cutInterval between timed cuts, when there is something to cut
 * @param slowFrom the part of the journal's room in use from which acknowledgements are delayed, 0 to 1
 * @param ackDelayMax the delay when the room is used up
 * @param roomWaitMax for how long changes wait for a full journal in which room is being made, before they are refused
 * @param recoveryDelay from giving up what the peer lacks to copying it
 * @param holdBackAfter for how long the link may take less than is written before VMs of a lower priority are held back; zero for ever
 * @param copies of what the replica lacks
 * @param handoverRequestsMax requests that other loops have handed over and the owner has not taken yet
 */
public record IntakeSettings(
        Duration cutInterval,
        double slowFrom,
        Duration ackDelayMax,
        Duration roomWaitMax,
        Duration recoveryDelay,
        Duration holdBackAfter,
        CopySettings copies,
        int handoverRequestsMax) {

    public IntakeSettings {
        if (slowFrom < 0 || slowFrom > 1) {
            throw new IllegalArgumentException("slow-from " + slowFrom + " is not between 0 and 1");
        }
    }

    public static IntakeSettings defaults() {
        return new IntakeSettings(
                Duration.ofSeconds(1),
                0.8,
                Duration.ofMillis(200),
                Duration.ofSeconds(20),
                Duration.ofMinutes(10),
                Duration.ofMinutes(1),
                CopySettings.defaults(),
                1 << 16);
    }
}
