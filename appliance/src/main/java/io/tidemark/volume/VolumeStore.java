package io.tidemark.volume;

import io.tidemark.journal.StreamId;
import java.io.IOException;

/** Where volumes are kept between the lives of the process. One caller at a time. */
public interface VolumeStore {

    /** Opens the stream's volume, or makes an empty one of this size; its existence is durable on return. */
    Volume open(StreamId stream, long sizeBytes) throws IOException;

    /** Opens the volume of a stream that has one; one that is gone or cut short is an error, never an empty disk. */
    Volume openKnown(StreamId stream, long sizeBytes) throws IOException;

    /**
     * Makes a volume of this store larger; the one to go on with, which may be another. What was added reads as zeroes, and is durably there on
     * return.
     */
    default Volume grow(StreamId stream, Volume volume, long sizeBytes) throws IOException {
        volume.growTo(sizeBytes);
        return volume;
    }

    /** Deletes the stream's volume, if it has one, durably on return. It is closed. */
    void delete(StreamId stream) throws IOException;
}
