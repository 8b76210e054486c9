/** What tests of several packages stand on: an owner with a time of its own, a source's journal, and its disks as they were. */
@NullMarked
package io.tidemark.stage;

import org.jspecify.annotations.NullMarked;
