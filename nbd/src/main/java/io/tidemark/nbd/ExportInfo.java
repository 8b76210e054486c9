package io.tidemark.nbd;

/**
 * What a client is told about an export before it uses it.
 *
 * <p>It holds for as long as any session of the export: an export whose size or access changes is another export.
 */
public record ExportInfo(
        ExportName name,
        String description,
        Length size,
        Access access,
        Sharing sharing,
        Medium medium,
        BlockSizes blocks) {

    /** Whether clients may change the bytes. */
    public enum Access {
        READ_ONLY,
        READ_WRITE
    }

    /** Whether a client is told that it may use several connections at once (proto.md, {@code NBD_FLAG_CAN_MULTI_CONN}). */
    public enum Sharing {
        ONE_CONNECTION,
        MANY_CONNECTIONS
    }

    /** What a client's scheduler should assume about seeks. */
    public enum Medium {
        SOLID,
        ROTATIONAL
    }

    /** Whether every request that would change the export is to be refused. */
    public boolean readOnly() {
        return access == Access.READ_ONLY;
    }
}
