package io.tidemark.intake;

import java.time.Instant;

/**
 * How a stream is shipped now.
 *
 * @param since when that began; not before this life of the appliance, but for what is tracked
 * @param reason why, for people; empty when every epoch is shipped as it is meant to be
 */
public record Rung(Step step, Instant since, String reason) {

    /** The rungs, from the best down. */
    public enum Step {
        /** Every epoch is shipped. */
        FULL("full"),
        /** Several epochs are shipped as one, and what is overwritten in between is not. */
        MERGED("merged"),
        /** The peer lacks blocks, and they are being copied. */
        COPYING("copying"),
        /** The peer lacks blocks, which are known and not copied yet. */
        TRACKING("tracking");

        private final String label;

        Step(String label) {
            this.label = label;
        }

        /** Its name in REST, meters and events. */
        public String label() {
            return label;
        }
    }
}
