/**
 * The pages of the appliance for people who would rather look: rendered here, and refreshed in part by htmx.
 *
 * <p>Shows and does what {@code api} does, with the same roles and the same audit log. Quarkus' worker threads. Imports {@code api}, {@code access},
 * {@code metrics}' history, JAX-RS and Qute.
 */
@NullMarked
package io.tidemark.console;

import org.jspecify.annotations.NullMarked;
