package io.tidemark.vm;

/** Whether the replica equals our volume. Of the rungs of the design, the two that a journal can already say. */
public enum ShipState {
    /** Every epoch is shipped. */
    FULL("full"),
    /** Blocks are being copied, in any order. */
    COPYING("copying");

    private final String label;

    ShipState(String label) {
        this.label = label;
    }

    /** Its name in REST, meters and logs. */
    public String label() {
        return label;
    }
}
