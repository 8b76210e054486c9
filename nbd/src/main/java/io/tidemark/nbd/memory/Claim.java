package io.tidemark.nbd.memory;

/** A place in the queue for payload memory; granted by the budget, which tells the waiting connection. */
final class Claim {
    /** No place in the queue. */
    static final Claim NONE = new Claim(0, () -> {});

    private final int bytes;
    private final Runnable wake;
    private volatile boolean granted;

    Claim(int bytes, Runnable wake) {
        this.bytes = bytes;
        this.wake = wake;
    }

    int bytes() {
        return bytes;
    }

    boolean granted() {
        return granted;
    }

    /** Marks the bytes as given; the budget's lock is held. */
    void grant() {
        granted = true;
    }

    /** Tells the waiting connection; the budget's lock is not held. */
    void announce() {
        wake.run();
    }
}
