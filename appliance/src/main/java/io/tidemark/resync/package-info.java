/**
 * Bringing a replica in step again by copying: which blocks it lacks, and how they get into the journal while writes go on
 * (docs/architecture.md, section 10).
 */
@NullMarked
package io.tidemark.resync;

import org.jspecify.annotations.NullMarked;
