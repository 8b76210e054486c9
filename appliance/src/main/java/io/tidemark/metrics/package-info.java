/**
 * What Prometheus sees: names {@code tidemark_*} with base units, label values bounded by what operators have registered.
 *
 * <p>The data path counts on its own threads; everything else is looked at once a second. Imports Micrometer, and read-only views
 * of the product.
 */
@NullMarked
package io.tidemark.metrics;

import org.jspecify.annotations.NullMarked;
