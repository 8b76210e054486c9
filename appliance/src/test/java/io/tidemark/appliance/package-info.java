@NullMarked
package io.tidemark.appliance;

import org.jspecify.annotations.NullMarked;
