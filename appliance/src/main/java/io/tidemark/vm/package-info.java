/**
 * What is protected and what is true of it: VMs, their disks, the states of their streams, their recovery points.
 *
 * <p>Values and pure folds over the control records of a journal; no thread and no I/O of its own. Source and replica
 * come to the same answers because both use this. Imports the journal's words and Jackson.
 */
@NullMarked
package io.tidemark.vm;

import org.jspecify.annotations.NullMarked;
