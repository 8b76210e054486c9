package io.tidemark.journal.log;

import io.tidemark.journal.segment.SegmentFolder;
import io.tidemark.journal.segment.SegmentHeader;
import io.tidemark.journal.segment.SegmentWriter;

/** A segment of this life that is prepared, active or full, but not sealed. */
record OpenSegment(SegmentFolder folder, SegmentHeader header, SegmentWriter writer) {}
