package io.tidemark.volume;

import io.tidemark.journal.StreamId;
import java.io.IOException;

/** Volumes that are filled before they are anybody's, beside those that are. One caller at a time. */
public interface VolumeDrafts {

    /** Whether the stream has a volume. */
    boolean has(StreamId stream);

    /** A new volume, all holes, that is nobody's before {@link #keep}. What was begun before is thrown away. */
    Volume begin(StreamId stream, long sizeBytes) throws IOException;

    /** What was begun, is durable and was closed is the stream's volume, durably on return. After a crash in the middle it is that or none. */
    void keep(StreamId stream) throws IOException;
}
