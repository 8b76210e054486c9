@NullMarked
package io.tidemark.volume;

import org.jspecify.annotations.NullMarked;
