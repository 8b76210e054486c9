/**
 * Writers whose entries depend on each other across the disks of several VMs, and what a recovery point of those VMs may
 * look like then (I12).
 *
 * <p>{@link io.tidemark.system.group.CounterLog} knows what was asked for and what was acknowledged.
 */
@NullMarked
package io.tidemark.system.group;

import org.jspecify.annotations.NullMarked;
