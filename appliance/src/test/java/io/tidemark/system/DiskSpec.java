package io.tidemark.system;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A disk as it is registered.
 *
 * @param acknowledge the policy; if empty, its mode's own
 * @param seeded whether its replica begins with a seed
 */
public record DiskSpec(String name, long sizeBytes, String attachMode, String acknowledge, boolean seeded) {

    public static final long MIB = 1L << 20;

    /** A disk whose replica begins empty. */
    public DiskSpec(String name, long sizeBytes, String attachMode, String acknowledge) {
        this(name, sizeBytes, attachMode, acknowledge, false);
    }

    /** A disk with the policy of its mode. */
    public DiskSpec(String name, long sizeBytes, String attachMode) {
        this(name, sizeBytes, attachMode, "");
    }

    /** The same, acknowledged when it is durable. */
    public DiskSpec durable() {
        return new DiskSpec(name, sizeBytes, attachMode, "durable", seeded);
    }

    /** The same, with a replica that begins with a seed. */
    public DiskSpec withSeed() {
        return new DiskSpec(name, sizeBytes, attachMode, acknowledge, true);
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
        if (seeded) {
            fields.put("seeded", true);
        }
        return fields;
    }
}
