package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tidemark.journal.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * Whether our volume equals the source's disk.
 *
 * <pre>
 *   Empty --begin--> Copying --complete--> InSync --begin--> Copying
 *     |                 |                    |
 *     |                 +-------lose-----> Suspect <--lose-- InSync
 *     +----complete--> InSync               |  |
 *                        ^------complete----+  +--begin--> Copying
 * </pre>
 *
 * A transition is a method of the states that allow it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "state")
@JsonSubTypes({
    @JsonSubTypes.Type(value = IntakeState.Empty.class, name = "empty"),
    @JsonSubTypes.Type(value = IntakeState.Copying.class, name = "copying"),
    @JsonSubTypes.Type(value = IntakeState.InSync.class, name = "in-sync"),
    @JsonSubTypes.Type(value = IntakeState.Suspect.class, name = "suspect")
})
public sealed interface IntakeState {

    /** Nothing of the source's disk has reached us. */
    record Empty() implements IntakeState {
        public Copying begin(Sequence at) {
            return new Copying(at);
        }

        public InSync complete(Sequence at, String word) {
            return new InSync(at, word);
        }
    }

    /** The source is copying its disk to us, in any order. */
    record Copying(Sequence since) implements IntakeState {
        public InSync complete(Sequence at, String word) {
            return new InSync(at, word);
        }

        public Suspect lose(Sequence behind, String reason) {
            return new Suspect(behind, reason);
        }
    }

    /**
     * Equal, as of each record.
     *
     * @param word on whose word it is, and why; empty when it was seen
     */
    record InSync(Sequence since, String word) implements IntakeState {

        /** From a document, which may be of a time when everything had to be seen. */
        @JsonCreator
        static InSync of(@JsonProperty("since") Sequence since, @JsonProperty("word") @Nullable String word) {
            return new InSync(since, word == null ? "" : word);
        }

        public Copying begin(Sequence at) {
            return new Copying(at);
        }

        public Suspect lose(Sequence behind, String reason) {
            return new Suspect(behind, reason);
        }
    }

    /** Writes may be missing behind {@code since}. */
    record Suspect(Sequence since, String reason) implements IntakeState {
        /** What is wrong with a point behind {@code since}, for people. */
        public String doubt() {
            return "writes may be missing behind record " + since + ": " + reason;
        }

        public Copying begin(Sequence at) {
            return new Copying(at);
        }

        public InSync complete(Sequence at, String word) {
            return new InSync(at, word);
        }
    }

    /** Its name in REST, meters and logs. */
    default String label() {
        return switch (this) {
            case Empty empty -> "empty";
            case Copying copying -> "copying";
            case InSync inSync -> "in-sync";
            case Suspect suspect -> "suspect";
        };
    }
}
