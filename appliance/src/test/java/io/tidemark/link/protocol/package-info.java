@NullMarked
package io.tidemark.link.protocol;

import org.jspecify.annotations.NullMarked;
