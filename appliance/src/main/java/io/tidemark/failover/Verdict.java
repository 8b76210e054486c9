package io.tidemark.failover;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What came of a drill.
 *
 * @param note for people, at most {@value #NOTE_CHARS_MAX} characters
 */
public record Verdict(
        @JsonProperty("result") Result result,
        @JsonProperty("note") String note) {

    public static final int NOTE_CHARS_MAX = 500;

    /** In one word. */
    public enum Result {
        /** It is not over. */
        RUNNING("running"),
        /** Somebody has seen that the VM can be brought back. */
        PASSED("passed"),
        /** Somebody has seen that it cannot. */
        FAILED("failed"),
        /** It was ended without a word. */
        NOT_TOLD("not-told"),
        /** The appliance ended it: it stopped, or had no more room for the point. */
        INTERRUPTED("interrupted");

        private final String label;

        Result(String label) {
            this.label = label;
        }

        /** Its name in REST. */
        public String label() {
            return label;
        }
    }

    static final Verdict NONE_YET = new Verdict(Result.RUNNING, "");
    static final Verdict INTERRUPTED = new Verdict(Result.INTERRUPTED, "the appliance has stopped");

    public Verdict {
        if (note.length() > NOTE_CHARS_MAX) {
            throw new IllegalArgumentException("a note of " + note.length() + " characters is over " + NOTE_CHARS_MAX);
        }
    }
}
