package io.tidemark.vm;

/** Which VMs go first when the link takes less than is written. In order: what comes later is more urgent. */
public enum Priority {
    /** Is held back first. */
    LOW("low"),
    /** What a VM has about which nothing is said. */
    NORMAL("normal"),
    /** Is held back for nobody. */
    HIGH("high");

    private final String label;

    Priority(String label) {
        this.label = label;
    }

    /** Its name in REST, in the journal and in the docs. */
    public String label() {
        return label;
    }
}
