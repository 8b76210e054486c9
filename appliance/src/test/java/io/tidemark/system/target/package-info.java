/** Shipping to NBD servers of others: theirs, and an appliance that may die, in processes of their own. */
@NullMarked
package io.tidemark.system.target;

import org.jspecify.annotations.NullMarked;
