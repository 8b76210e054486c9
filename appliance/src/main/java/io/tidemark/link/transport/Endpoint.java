package io.tidemark.link.transport;

import io.tidemark.link.LinkSettings;
import io.tidemark.link.Security;
import io.tidemark.link.Site;
import java.util.function.LongSupplier;

/**
 * This end of every link: what dialers and listeners share.
 *
 * @param nanoTime a monotonic clock
 */
public record Endpoint(Loops loops, Site site, Security security, LinkSettings settings, LongSupplier nanoTime) {}
