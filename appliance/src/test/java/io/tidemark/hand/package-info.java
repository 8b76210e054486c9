/** Threads, clocks and journals that a test moves by hand, one step at a time. */
@NullMarked
package io.tidemark.hand;

import org.jspecify.annotations.NullMarked;
