/**
 * The journal: the ordered, durable log of the writes of many streams, as the rest of the product sees it.
 *
 * <p>Only words and the {@link io.tidemark.journal.Journal} port live here. Each journal has one owner thread, which
 * appends; cursors and views are read by threads of their own. Imports nothing but the JDK.
 */
@NullMarked
package io.tidemark.journal;

import org.jspecify.annotations.NullMarked;
