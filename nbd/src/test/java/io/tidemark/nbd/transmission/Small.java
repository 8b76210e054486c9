package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Limits;
import java.time.Duration;

/** Limits that are reached with a handful of bytes. */
final class Small {
    static final int REQUESTS_IN_FLIGHT_MAX = 4;
    static final int HELD_BYTES_MAX = 16 << 10;
    static final int PIECE_BYTES_MAX = 1024;
    static final int RECEIVE_BYTES_MAX = 512;
    static final int FLOOR_BYTES = 256;
    static final int DRAIN_BYTES_MAX = 64 << 20;

    static final Limits LIMITS = new Limits(
            1,
            1,
            1,
            1,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            64,
            16,
            REQUESTS_IN_FLIGHT_MAX,
            HELD_BYTES_MAX,
            PIECE_BYTES_MAX,
            RECEIVE_BYTES_MAX,
            FLOOR_BYTES,
            DRAIN_BYTES_MAX,
            16);

    private Small() {}
}
