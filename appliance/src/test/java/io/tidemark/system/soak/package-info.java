/**
 * Many clients for a long time, under faults of every kind: in the end each disk is what its client has made it, and no
 * process has grown.
 */
@NullMarked
package io.tidemark.system.soak;

import org.jspecify.annotations.NullMarked;
