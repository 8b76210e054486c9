package io.tidemark.system;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A disk as it is registered.
 *
 * @param acknowledge the policy; if empty, its mode's own
 */
public record DiskSpec(String name, long sizeBytes, String attachMode, String acknowledge) {

    public static final long MIB = 1L << 20;

    /** A disk with the policy of its mode. */
    public DiskSpec(String name, long sizeBytes, String attachMode) {
        this(name, sizeBytes, attachMode, "");
    }

    /** The same, acknowledged when it is durable. */
    public DiskSpec durable() {
        return new DiskSpec(name, sizeBytes, attachMode, "durable");
    }

    /** The guest's own disk. */
    public static DiskSpec direct(String name, long mebibytes) {
        return new DiskSpec(name, mebibytes * MIB, "direct");
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
