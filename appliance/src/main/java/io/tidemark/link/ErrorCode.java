package io.tidemark.link;

/** Why a side ends a session, as it tells the other (docs/protocol.md, section 4, "ERROR"). */
public enum ErrorCode {
    PROTOCOL(1),
    VERSION(2),
    UNKNOWN_SITE(3),
    DIVERGED(4),
    TRIMMED(5),
    BUSY(6),
    STORAGE(7);

    private final int number;

    ErrorCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
