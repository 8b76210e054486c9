package io.tidemark.vm;

/** When a write is acknowledged. */
public enum AckPolicy {
    /** When it is in the journal: survives the death of the process, not a power cut unless a flush covers it. */
    JOURNALED("journaled"),
    /** When it is on stable storage. */
    DURABLE("durable");

    private final String label;

    AckPolicy(String label) {
        this.label = label;
    }

    /** Its name in REST, in the journal and in the docs. */
    public String label() {
        return label;
    }
}
