package io.tidemark.nbd.transmission;

import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.protocol.HeaderStyle;

/**
 * What client and server agreed on in the handshake.
 *
 * @param blockStatus whether the client has chosen {@code base:allocation} for this export
 */
public record Agreement(ExportInfo info, HeaderStyle style, boolean blockStatus) {}
