/**
 * The server itself: what it listens on, with which threads and which certificates, and how it starts and stops.
 *
 * <p>Called by whoever runs the process. Imports everything of this module.
 */
@NullMarked
package io.tidemark.nbd.server;

import org.jspecify.annotations.NullMarked;
