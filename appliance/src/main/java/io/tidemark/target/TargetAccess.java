package io.tidemark.target;

import io.tidemark.nbd.client.ClientTls;

/**
 * How this site gets to NBD servers.
 *
 * @param tls for those that are registered as {@code nbds}
 */
public record TargetAccess(TargetDialer dialer, ClientTls tls) {}
