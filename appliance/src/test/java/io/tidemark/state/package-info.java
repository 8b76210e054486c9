@NullMarked
package io.tidemark.state;

import org.jspecify.annotations.NullMarked;
