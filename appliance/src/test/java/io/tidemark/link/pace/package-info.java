@NullMarked
package io.tidemark.link.pace;

import org.jspecify.annotations.NullMarked;
