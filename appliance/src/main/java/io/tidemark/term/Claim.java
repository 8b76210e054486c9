package io.tidemark.term;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;

/**
 * What one site tells another of a term (docs/protocol.md, section 4, "TERM"). Telling it again changes nothing.
 *
 * @param last of {@link Kind#YIELDED} only: the last record of the journal that holds anything of the VM by its source; else none
 */
public record Claim(VmId vm, Term term, Kind kind, Sequence last) {

    /** What is claimed. */
    public enum Kind {
        /** The site is the source in this term. */
        HELD,
        /** The site asks to be given the VM in this term. */
        WANTED,
        /** The source has fenced itself for the site that asked, and has shipped all up to {@code last} or will. */
        YIELDED,
        /** The site that asked does not become the source in this term, and never will. */
        WITHDRAWN
    }

    public Claim {
        if (kind != Kind.YIELDED && !last.equals(Sequence.NONE)) {
            throw new IllegalArgumentException(kind + " with record " + last);
        }
    }

    public static Claim of(VmId vm, Term term, Kind kind) {
        return new Claim(vm, term, kind, Sequence.NONE);
    }
}
