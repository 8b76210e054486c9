/**
 * Databases on file systems on protected disks, brought back at the replica as of any moment: what was committed is there,
 * what was not is not, and nothing is torn.
 *
 * <p>Takes root, for mounts. The programs at work are in {@code src/test/python}.
 */
@NullMarked
package io.tidemark.system.database;

import org.jspecify.annotations.NullMarked;
