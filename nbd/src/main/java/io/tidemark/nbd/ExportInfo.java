package io.tidemark.nbd;

/**
 * What a client is told about an export before it uses it.
 *
 * <p>It holds for as long as any session of the export: an export whose size or access changes is another export.
 */
public record ExportInfo(
        ExportName name, String description, Length size, Access access, Medium medium, BlockSizes blocks) {

    /** Whether clients may change the bytes. */
    public enum Access {
        READ_ONLY,
        READ_WRITE
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
