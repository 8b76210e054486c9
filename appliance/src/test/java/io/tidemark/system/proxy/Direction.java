package io.tidemark.system.proxy;

/** Which way bytes go through a proxy. */
public enum Direction {
    /** From who connects: ranges. */
    FORTH,
    /** To who connects: acknowledgements. */
    BACK
}
