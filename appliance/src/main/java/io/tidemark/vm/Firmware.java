package io.tidemark.vm;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Base64;

/** The bytes of a firmware's variables; base64 in JSON. */
public final class Firmware {

    public static final Firmware NONE = new Firmware(new byte[0]);

    private final byte[] bytes;

    public Firmware(byte[] bytes) {
        this.bytes = bytes.clone();
    }

    @JsonCreator
    public static Firmware ofBase64(String text) {
        return new Firmware(Base64.getDecoder().decode(text));
    }

    @JsonValue
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Firmware firmware && Arrays.equals(bytes, firmware.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
