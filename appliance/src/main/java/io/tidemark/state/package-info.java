/**
 * What must outlive the process beside journals and volumes: small self-describing files, replaced atomically.
 *
 * <p>Called by the thread whose state it keeps. Imports the journal's words, {@code vm}, and the port of {@code volume} it
 * serves.
 */
@NullMarked
package io.tidemark.state;

import org.jspecify.annotations.NullMarked;
