/**
 * Damage of what is on disk and on the link, made from seeds: whatever comes of it is right, or says by name what is wrong.
 *
 * <p>A few inputs in the build, as many as are wanted by {@code make fuzz}.
 */
@org.jspecify.annotations.NullMarked
package io.tidemark.fuzz;
