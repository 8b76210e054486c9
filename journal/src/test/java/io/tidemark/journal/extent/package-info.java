/** Tests of the package. */
@NullMarked
package io.tidemark.journal.extent;

import org.jspecify.annotations.NullMarked;
