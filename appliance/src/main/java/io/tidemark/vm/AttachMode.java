package io.tidemark.vm;

/** How a disk's writes reach us, hence what an acknowledgement and a flush mean (docs/architecture.md, "Attach modes"). */
public enum AttachMode {
    /** The guest's disk is our export. */
    DIRECT("direct", true, false, true),
    /** Our export is one of several children that the source writes to. */
    FANOUT("fanout", true, true, true),
    /** A QEMU mirror job with copy-mode write-blocking. */
    MIRROR_ACTIVE("mirror-active", true, true, false),
    /** A QEMU mirror job in its default copy mode. */
    MIRROR_BACKGROUND("mirror-background", false, true, false);

    private final String label;
    private final boolean keepsOrder;
    private final boolean hidesGaps;
    private final boolean flushes;

    AttachMode(String label, boolean keepsOrder, boolean hidesGaps, boolean flushes) {
        this.label = label;
        this.keepsOrder = keepsOrder;
        this.hidesGaps = hidesGaps;
        this.flushes = flushes;
    }

    /** Its name in REST, in the journal and in the docs. */
    public String label() {
        return label;
    }

    /** Whether writes reach us in the guest's order once in sync, so that any prefix of them is crash consistent. */
    public boolean keepsOrder() {
        return keepsOrder;
    }

    /** Whether the source may go on without us, so that writes can be missing behind a lost connection or an error. */
    public boolean hidesGaps() {
        return hidesGaps;
    }

    /** Whether a FLUSH that reaches us is the guest's. */
    public boolean flushIsTheGuests() {
        return flushes;
    }

    /** Whether the disk begins as one with content of its own, which has to be copied to us first. */
    public boolean beginsWithACopy() {
        return this != DIRECT;
    }
}
