/**
 * Prints and verifies a journal's folder for people in trouble: {@code tidemark journal dump}.
 *
 * <p>Reads only, and takes no lock; one thread. Imports the words, the format and the segments.
 */
@NullMarked
package io.tidemark.journal.dump;

import org.jspecify.annotations.NullMarked;
