@NullMarked
package io.tidemark.events;

import org.jspecify.annotations.NullMarked;
