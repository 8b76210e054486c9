package io.tidemark.nbd;

/** What became of a call on a {@link Session}. */
public sealed interface Outcome {
    /** The one success there is. */
    Outcome DONE = new Done();

    /** It happened; what that means is said by the method called. */
    record Done() implements Outcome {}

    /** It did not happen, or not as a whole. */
    record Failed(NbdError error) implements Outcome {}
}
