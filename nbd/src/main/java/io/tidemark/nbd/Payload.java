package io.tidemark.nbd;

import java.nio.ByteBuffer;

/** Received bytes that belong to whoever took them, until released. */
public interface Payload {
    /**
     * A read-only view of the bytes, from position zero to the limit: direct memory, big-endian.
     *
     * <p>Each call gives a new view, from any thread. No view may be touched after the release.
     */
    ByteBuffer bytes();

    /** Gives the memory back, from any thread, once: a second call is a fault. */
    void release();
}
