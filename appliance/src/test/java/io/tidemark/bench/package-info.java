/** Programs that measurements start beside the appliance. */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
