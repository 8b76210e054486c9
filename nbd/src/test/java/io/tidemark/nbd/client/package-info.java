/** Tests of the client: against servers of our own, and against one that says whatever a test wants. */
@org.jspecify.annotations.NullMarked
package io.tidemark.nbd.client;
