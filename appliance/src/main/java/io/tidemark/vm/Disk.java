package io.tidemark.vm;

import io.tidemark.journal.StreamId;

/**
 * A protected block device. {@link VmDocument} has its form on disk.
 *
 * @param id its stream, for as long as it is protected
 * @param name unique within its VM
 * @param seeded whether its replica began with a seed, an image brought there by other means, and was to be compared with it
 */
public record Disk(
        StreamId id, Name name, long sizeBytes, AttachMode attachMode, AckPolicy acknowledge, boolean seeded) {

    public static final long SIZE_BYTES_MAX = 1L << 50;

    public Disk {
        if (sizeBytes <= 0 || sizeBytes > SIZE_BYTES_MAX || sizeBytes % 512 != 0) {
            throw new IllegalArgumentException(
                    "size of " + sizeBytes + " bytes is not a positive multiple of 512, up to " + SIZE_BYTES_MAX);
        }
        if (seeded && !attachMode.beginsWithACopy()) {
            throw new IllegalArgumentException("a disk in attach mode " + attachMode.label()
                    + " begins empty at both sites, so there is nothing that a seed could save");
        }
    }

    /** One whose replica begins empty, as this site does. */
    public Disk(StreamId id, Name name, long sizeBytes, AttachMode attachMode, AckPolicy acknowledge) {
        this(id, name, sizeBytes, attachMode, acknowledge, false);
    }
}
