/** Tests of the package. */
@NullMarked
package io.tidemark.journal.format;

import org.jspecify.annotations.NullMarked;
