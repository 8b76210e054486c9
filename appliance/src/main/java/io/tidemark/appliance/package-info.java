/**
 * The parts put together: what one site ships, what it keeps for others, and who its peers are.
 *
 * <p>Plain Java; threads, clocks and settings come from {@code boot}. What {@code api} and {@code metrics} see of the
 * product is here.
 */
@NullMarked
package io.tidemark.appliance;

import org.jspecify.annotations.NullMarked;
