/**
 * An export in memory: the simplest one that keeps the port's contract, for tests and benchmarks.
 *
 * <p>Runs on whatever thread calls it, under one lock. Imports the port, and the server for {@code RamServer}.
 */
@NullMarked
package io.tidemark.nbd.ram;

import org.jspecify.annotations.NullMarked;
