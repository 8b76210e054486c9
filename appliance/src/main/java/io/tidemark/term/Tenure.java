package io.tidemark.term;

import java.util.Optional;

/**
 * How this site stands to the terms of a VM.
 *
 * <pre>
 *   Unchanged --claim--> Held --HELD, newer--> Lost
 *     |  |                |  +--HELD, same number, other site--> Contested
 *     |  +--WANTED--> Yielded <--WANTED--+        |
 *     |                 |  +--WITHDRAWN--> as before
 *     +--HELD--> Lost <-+-HELD, as wanted or newer
 * </pre>
 *
 * <p>From any of them a person's {@link #claim} leads to Held, in a term above all that is known. A site that is the source of a VM takes
 * its guest's writes in Unchanged and Held only.
 */
public sealed interface Tenure {

    /** No change of role is known: whoever protects the VM is its source. */
    record Unchanged() implements Tenure {}

    /** This site is the source. */
    record Held(Term term) implements Tenure {}

    /** Another site is. */
    record Lost(Term term) implements Tenure {}

    /** Two sites were made the source in terms of the same number: none of them is. */
    record Contested(Term ours, Term theirs) implements Tenure {}

    /**
     * This site was the source and waits to be relieved.
     *
     * @param wanted what it was asked for
     * @param before the number of the term that it is the source in, 0 if none
     */
    record Yielded(Term wanted, long before) implements Tenure {}

    /** The highest term that is known to be taken, or asked for. */
    default long number() {
        return switch (this) {
            case Unchanged unchanged -> 0;
            case Held held -> held.term().number();
            case Lost lost -> lost.term().number();
            case Contested contested -> contested.ours().number();
            case Yielded yielded -> yielded.wanted().number();
        };
    }

    /** Why this site must not take writes of the VM's guest; empty if it may. */
    default Optional<String> fence() {
        return switch (this) {
            case Unchanged unchanged -> Optional.empty();
            case Held held -> Optional.empty();
            case Lost lost ->
                Optional.of("site " + lost.term().site() + " is its source, in term "
                        + lost.term().number());
            case Contested contested ->
                Optional.of("sites " + contested.ours().site() + " and "
                        + contested.theirs().site() + " were both made its source, in term "
                        + contested.ours().number());
            case Yielded yielded ->
                Optional.of("site " + yielded.wanted().site() + " is to become its source, in term "
                        + yielded.wanted().number());
        };
    }

    /** After the other site has told this, at the site of that name. */
    default Tenure heard(Claim claim, String here) {
        Term term = claim.term();
        if (term.site().equals(here)) {
            return this; // our own, told again
        }
        return switch (claim.kind()) {
            case HELD -> heldElsewhere(term);
            case WANTED -> wanted(term);
            case WITHDRAWN -> withdrawn(term, here);
            case YIELDED, BASING, BASED, BASELESS, AGREED, WHOLE -> this;
        };
    }

    /** After a person has made this site the source, in a term that is newer than all that it knows. */
    default Held claim(String here) {
        return new Held(new Term(Math.addExact(number(), 1), here));
    }

    private Tenure heldElsewhere(Term term) {
        if (term.number() > number()) {
            return new Lost(term);
        }
        if (term.number() < number()) {
            return this;
        }
        return switch (this) {
            case Held held -> new Contested(held.term(), term);
            case Yielded yielded -> new Lost(term);
            case Unchanged unchanged -> this;
            case Lost lost -> this;
            case Contested contested -> this;
        };
    }

    private Tenure wanted(Term term) {
        return switch (this) {
            case Unchanged unchanged -> new Yielded(term, 0);
            case Held held when term.number() > number() -> new Yielded(term, number());
            case Yielded yielded when term.number() > number() -> new Yielded(term, yielded.before());
            case Held held -> this;
            case Yielded yielded -> this;
            case Lost lost -> this;
            case Contested contested -> this;
        };
    }

    private Tenure withdrawn(Term term, String here) {
        if (this instanceof Yielded yielded && yielded.wanted().equals(term)) {
            return yielded.before() == 0 ? new Unchanged() : new Held(new Term(yielded.before(), here));
        }
        return this;
    }
}
