package io.tidemark.nbd.transmission;

/** Nothing is decoded any more: the connection only waits for its end. */
record Silence() implements Phase {
    @Override
    public Progress advance() {
        return Progress.WAITS;
    }

    @Override
    public void abandon() {}
}
