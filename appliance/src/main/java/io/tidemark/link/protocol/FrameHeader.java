package io.tidemark.link.protocol;

/** What every frame begins with (docs/protocol.md, section 2). */
record FrameHeader(FrameType type, int bodyBytes) {}
