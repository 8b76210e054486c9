package io.tidemark.term;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.VmId;

/**
 * What one site tells another of a term (docs/protocol.md, section 4, "TERM"). Telling it again changes nothing.
 *
 * @param common of {@link Kind#YIELDED} the last record of the journal that holds anything of the VM by its source, of {@link Kind#WHOLE} the one that
 *     points count behind, of {@link Kind#BASED} and {@link Kind#AGREED} the last one of the fenced disks; from {@link Kind#BASING} on a disk
 */
public record Claim(VmId vm, Term term, Kind kind, Common common) {

    /** What is claimed. */
    public enum Kind {
        /** The site is the source in this term. */
        HELD,
        /** The site asks to be given the VM in this term. */
        WANTED,
        /** The source has fenced itself for the site that asked, and has shipped all up to {@code last} or will. */
        YIELDED,
        /** The site that asked does not become the source in this term, and never will. */
        WITHDRAWN,
        /** The replica that follows the source of this term is to begin with the fenced disks that are there, but does not yet. */
        BASING,
        /** It has begun with them: they have everything up to {@code common}, and change no more. */
        BASED,
        /** It has begun with nothing. */
        BASELESS,
        /** The source of this term has what was based, and copies only what differs. */
        AGREED,
        /** The source of this term copies everything. */
        WHOLE;

        private boolean takes(Common common) {
            return switch (this) {
                case HELD, WANTED, WITHDRAWN -> common.equals(Common.NONE);
                case YIELDED -> !common.hasDisk() && !common.hasJournal();
                case BASING, BASELESS -> common.hasDisk() && !common.hasRecord() && !common.hasJournal();
                case WHOLE -> common.hasDisk() && !common.hasJournal();
                case BASED, AGREED -> common.hasDisk() && common.hasRecord();
            };
        }
    }

    public Claim {
        if (!kind.takes(common)) {
            throw new IllegalArgumentException(kind + " with record " + common.last());
        }
    }

    /** A claim that names a record of the journal that is shipped by the site that makes it. */
    public Claim(VmId vm, Term term, Kind kind, Sequence last) {
        this(vm, term, kind, Common.at(last));
    }

    public static Claim of(VmId vm, Term term, Kind kind) {
        return new Claim(vm, term, kind, Common.NONE);
    }

    /** The record that it names; none if it names none. */
    public Sequence last() {
        return common.last();
    }
}
