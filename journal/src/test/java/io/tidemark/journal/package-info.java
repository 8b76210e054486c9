/** Tests of the journal, and what other modules' tests use of it: its contract, an owner to pump, fakes. */
@NullMarked
package io.tidemark.journal;

import org.jspecify.annotations.NullMarked;
