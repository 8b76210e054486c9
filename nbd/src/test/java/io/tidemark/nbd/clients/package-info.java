/**
 * The users' own NBD clients against this server: libnbd's tools, QEMU's, fio. A client that is absent fails its tests.
 *
 * <p>Run with {@code -Dtest.groups=clients -Dtest.excludedGroups=}.
 */
@NullMarked
package io.tidemark.nbd.clients;

import org.jspecify.annotations.NullMarked;
