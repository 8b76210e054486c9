/**
 * Which site may be the source of a VM: terms, how a site stands to them, and the file that keeps it.
 *
 * <p>Knows no network and no journal's state. Any thread. Imports the identities of {@code journal}, and {@code state} for its file.
 */
@NullMarked
package io.tidemark.term;

import org.jspecify.annotations.NullMarked;
