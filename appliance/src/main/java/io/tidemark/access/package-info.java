/**
 * Who may do what over REST, and what they did: tokens, roles, the audit log.
 *
 * <p>Knows nothing of HTTP. Any thread.
 */
@NullMarked
package io.tidemark.access;

import org.jspecify.annotations.NullMarked;
