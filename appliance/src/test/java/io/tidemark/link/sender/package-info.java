@NullMarked
package io.tidemark.link.sender;

import org.jspecify.annotations.NullMarked;
