/**
 * REST under {@code /api/v1}: what operators ask for and see. OpenAPI at {@code /q/openapi}, errors as RFC 9457 problems.
 *
 * <p>Requests run on Quarkus' worker threads, which may wait. Imports JAX-RS and what {@code appliance} shows.
 */
@NullMarked
package io.tidemark.api;

import org.jspecify.annotations.NullMarked;
