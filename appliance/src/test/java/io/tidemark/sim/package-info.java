/**
 * Two sites in one thread: the product's own logic, with its disks, link, threads and clocks simulated, moved by one seeded scheduler.
 *
 * <p>One seed is one run. {@code Simulation} is where to begin reading.
 */
@NullMarked
package io.tidemark.sim;

import org.jspecify.annotations.NullMarked;
