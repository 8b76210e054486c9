package io.tidemark.system;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A disk as it is registered.
 *
 * @param acknowledge when its writes are acknowledged; empty for what suits the attach mode
 */
public record DiskSpec(String name, long sizeBytes, String attachMode, String acknowledge) {

    public static final long MIB = 1L << 20;

    public DiskSpec(String name, long sizeBytes, String attachMode) {
        this(name, sizeBytes, attachMode, "");
    }

    /** The guest's own disk. */
    public static DiskSpec direct(String name, long mebibytes) {
        return new DiskSpec(name, mebibytes * MIB, "direct");
    }

    /** The same, every write of which is durable before it is acknowledged. */
    public DiskSpec durable() {
        return new DiskSpec(name, sizeBytes, attachMode, "durable");
    }

    Map<String, Object> json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("sizeBytes", sizeBytes);
        fields.put("attachMode", attachMode);
        if (!acknowledge.isEmpty()) {
            fields.put("acknowledge", acknowledge);
        }
        return fields;
    }
}
