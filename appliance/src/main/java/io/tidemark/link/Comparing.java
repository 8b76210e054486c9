package io.tidemark.link;

import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Asks the replica what it has already, so that this need not be copied. Any thread. */
public interface Comparing {

    /** Of a replica that cannot be asked. */
    Comparing NEVER = new Comparing() {
        @Override
        public boolean compares() {
            return false;
        }

        @Override
        public CompletableFuture<Optional<BitSet>> compare(Comparison comparison) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    };

    /** Whether it can be asked now. */
    boolean compares();

    /** Which blocks are the same there: a bit for each; nothing if the question is not answered. Completes on any thread. */
    CompletableFuture<Optional<BitSet>> compare(Comparison comparison);
}
