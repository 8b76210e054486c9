@NullMarked
package io.tidemark.term;

import org.jspecify.annotations.NullMarked;
