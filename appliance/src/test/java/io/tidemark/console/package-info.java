/** Tests of the console's parts. */
@NullMarked
package io.tidemark.console;

import org.jspecify.annotations.NullMarked;
