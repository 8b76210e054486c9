package io.tidemark.journal;

import java.nio.ByteBuffer;

/** Where the bytes of a part of an extent are, as a {@link View} sees them. */
public sealed interface Piece {

    Extent extent();

    /** In the journal: {@code bytes} holds exactly the extent. */
    record Stored(Extent extent, ByteBuffer bytes) implements Piece {}

    /** Zeroed or trimmed in the journal. */
    record Zeroes(Extent extent) implements Piece {}

    /** Not written within the view: what is below it, the volume, holds the bytes. */
    record Below(Extent extent) implements Piece {}
}
