@NullMarked
package io.tidemark.intake;

import org.jspecify.annotations.NullMarked;
