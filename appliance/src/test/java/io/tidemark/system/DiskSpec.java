package io.tidemark.system;

import java.util.LinkedHashMap;
import java.util.Map;

/** A disk as it is registered. */
public record DiskSpec(String name, long sizeBytes, String attachMode) {

    public static final long MIB = 1L << 20;

    /** The guest's own disk. */
    public static DiskSpec direct(String name, long mebibytes) {
        return new DiskSpec(name, mebibytes * MIB, "direct");
    }

    Map<String, Object> json() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("sizeBytes", sizeBytes);
        fields.put("attachMode", attachMode);
        return fields;
    }
}
