/**
 * Brings disks back at a recovery point: drills now, and what a failover will stand on.
 *
 * <p>Exports are read and written by the threads that may wait for the disk. Imports the NBD port, {@code replica},
 * {@code volume} and the table of exports of {@code intake}; nothing imports it but {@code api}, {@code metrics} and {@code
 * boot}.
 */
@NullMarked
package io.tidemark.failover;

import org.jspecify.annotations.NullMarked;
