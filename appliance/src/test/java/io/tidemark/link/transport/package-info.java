@NullMarked
package io.tidemark.link.transport;

import org.jspecify.annotations.NullMarked;
