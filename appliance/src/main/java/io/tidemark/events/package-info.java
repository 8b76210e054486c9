/**
 * What has happened here that a person may want to know, the newest first. Any thread. Imports nothing of ours.
 */
@NullMarked
package io.tidemark.events;

import org.jspecify.annotations.NullMarked;
