package io.tidemark.system.soak;

/** What happens to the sites, the link or a VM while the clients go on; with how often it does, beside the others. */
enum Mishap {
    SOURCE_KILLED(2, true),
    REPLICA_KILLED(2, true),
    BOTH_KILLED(1, true),
    SOURCE_FROZEN(2, false),
    REPLICA_FROZEN(2, false),
    LINK_STRUCK(10, false),
    POINT_READ(6, false),
    VM_REPLACED(2, false),
    CATCHING_UP(2, false);

    private final int weight;
    private final boolean deadly;

    Mishap(int weight, boolean deadly) {
        this.weight = weight;
        this.deadly = deadly;
    }

    int weight() {
        return weight;
    }

    /** Whether a process has to be started again after it. */
    boolean isDeadly() {
        return deadly;
    }
}
