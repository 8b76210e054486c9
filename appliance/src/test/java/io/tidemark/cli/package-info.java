/** Tests of the command line that need no appliance. */
@NullMarked
package io.tidemark.cli;

import org.jspecify.annotations.NullMarked;
