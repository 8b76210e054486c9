/** VMs that change their site, with processes that die on the way. */
@NullMarked
package io.tidemark.system.failover;

import org.jspecify.annotations.NullMarked;
