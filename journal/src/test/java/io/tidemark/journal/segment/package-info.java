/** Tests of the package. */
@NullMarked
package io.tidemark.journal.segment;

import org.jspecify.annotations.NullMarked;
