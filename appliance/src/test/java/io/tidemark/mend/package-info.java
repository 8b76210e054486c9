@NullMarked
package io.tidemark.mend;

import org.jspecify.annotations.NullMarked;
