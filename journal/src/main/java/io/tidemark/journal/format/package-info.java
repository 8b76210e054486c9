/**
 * The bytes of records and ranges (docs/journal.md, section 2): numbers, one encoder, one decoder.
 *
 * <p>Pure functions without policy; used by any thread. Imports the words of {@link io.tidemark.journal}.
 */
@NullMarked
package io.tidemark.journal.format;

import org.jspecify.annotations.NullMarked;
