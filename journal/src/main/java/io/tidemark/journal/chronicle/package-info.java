/**
 * Chronicle Queue, as far as the journal uses it: the format of a segment's file, and appending to a new one.
 *
 * <p>The only package that sees Chronicle. It opens nothing but files it has just created (decision 0002).
 */
@NullMarked
package io.tidemark.journal.chronicle;

import org.jspecify.annotations.NullMarked;
