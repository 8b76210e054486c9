@NullMarked
package io.tidemark.link;

import org.jspecify.annotations.NullMarked;
