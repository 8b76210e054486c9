/**
 * Starts and stops the appliance: reads the settings, makes the threads and clocks, and puts the parts together.
 *
 * <p>The only place that creates threads and looks at the clock. Imports everything; nothing imports it.
 */
@NullMarked
package io.tidemark.boot;

import org.jspecify.annotations.NullMarked;
