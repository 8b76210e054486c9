package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;

/**
 * What a VM is beside its disks, kept and given back as it came: a disk without its VM does not boot.
 *
 * @param version grows by one with each change
 * @param text libvirt XML or any other text
 * @param firmware the firmware's variables, empty where there are none
 */
public record Definition(
        @JsonProperty("version") long version,
        @JsonProperty("text") String text,
        @JsonProperty("firmware") Firmware firmware) {

    public static final int BYTES_MAX = 1 << 20;

    public static final Definition NONE = new Definition(0, "", Firmware.NONE);

    public Definition {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length + firmware.bytes().length;
        if (bytes > BYTES_MAX) {
            throw new IllegalArgumentException("definition of " + bytes + " bytes, over " + BYTES_MAX);
        }
    }

    /** This definition as the next version, or as it is where nothing changes. */
    public Definition changedTo(String newText, Firmware newFirmware) {
        return text.equals(newText) && firmware.equals(newFirmware)
                ? this
                : new Definition(version + 1, newText, newFirmware);
    }
}
