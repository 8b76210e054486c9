package io.tidemark.nbd.transmission;

/** How a step of a connection's work has ended. */
enum Progress {
    /** Something was done, and there may be more to do. */
    WENT_ON,
    /** Nothing more can be done until more bytes arrive; there is room for them. */
    NEEDS_BYTES,
    /** Nothing more can be done until something of the connection's own comes back: it is not read until then. */
    WAITS
}
