/**
 * The settings of the appliance as people write them: one typed tree, {@code tidemark.*}, checked before anything starts.
 *
 * <p>Read once, at the start. Imports the settings of the parts.
 */
@NullMarked
package io.tidemark.config;

import org.jspecify.annotations.NullMarked;
