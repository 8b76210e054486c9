@NullMarked
package io.tidemark.vm;

import org.jspecify.annotations.NullMarked;
