package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tidemark.journal.StreamId;

/**
 * A protected block device.
 *
 * @param id its stream, for as long as it is protected
 * @param name unique within its VM
 */
public record Disk(
        @JsonProperty("id") StreamId id,
        @JsonProperty("name") Name name,
        @JsonProperty("sizeBytes") long sizeBytes,
        @JsonProperty("attachMode") AttachMode attachMode,
        @JsonProperty("acknowledge") AckPolicy acknowledge) {

    public static final long SIZE_BYTES_MAX = 1L << 50;

    public Disk {
        if (sizeBytes <= 0 || sizeBytes > SIZE_BYTES_MAX || sizeBytes % 512 != 0) {
            throw new IllegalArgumentException(
                    "size of " + sizeBytes + " bytes is not a positive multiple of 512, up to " + SIZE_BYTES_MAX);
        }
    }
}
