package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Who may open the disks of a VM, and know that there are any.
 *
 * @param disks where the VM is protected
 * @param drills of it, where it can be brought back
 */
public record Clients(
        @JsonProperty("disks") Audience disks,
        @JsonProperty("drills") Audience drills) {

    public static final Clients ANYONE = new Clients(new Audience.Anyone(), new Audience.Anyone());

    /** Whether some of it is not meant for anyone. */
    public boolean areNamed() {
        return !equals(ANYONE);
    }
}
