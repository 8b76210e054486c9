/**
 * The path between two sites, with all that can befall one: a TCP proxy that tests hold, slow, cut and corrupt.
 *
 * <p>{@code LinkProxy} is what others use. Each connection has two threads a direction, which end with it.
 */
@NullMarked
package io.tidemark.system.proxy;

import org.jspecify.annotations.NullMarked;
