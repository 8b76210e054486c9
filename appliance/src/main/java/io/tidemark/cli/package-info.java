/**
 * The command line: asks an appliance over REST and prints what it answers, and the few commands that need no appliance.
 *
 * <p>One thread, in a process of its own that runs no appliance. Imports picocli, {@code java.net.http}, and of ours {@code access} and the journal's dump.
 */
@NullMarked
package io.tidemark.cli;

import org.jspecify.annotations.NullMarked;
