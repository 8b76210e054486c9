@NullMarked
package io.tidemark.link.receiver;

import org.jspecify.annotations.NullMarked;
