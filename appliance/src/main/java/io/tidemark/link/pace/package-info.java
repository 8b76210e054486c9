/**
 * How fast and how often: decisions for who ships. When to dial again, how fast to send, what to compress.
 *
 * <p>Pure but for {@code RangeCompressor}: time and randomness come in. Each object belongs to one thread. Imports the
 * link's words and zstd; Netty only for the compressor's memory, which nobody sees.
 */
@NullMarked
package io.tidemark.link.pace;

import org.jspecify.annotations.NullMarked;
