/**
 * An export that answers nothing by itself: a test takes the calls on it and completes them when and how it likes.
 *
 * <p>Runs on whatever thread calls it. Imports the port.
 */
@NullMarked
package io.tidemark.nbd.manual;

import org.jspecify.annotations.NullMarked;
