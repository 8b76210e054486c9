package io.tidemark.nbd.wire;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** Bytes as people write them down: hexadecimal, with a comment after a hash sign on each line. */
public final class Hex {
    private Hex() {}

    public static byte[] bytes(String... lines) {
        String digits = Arrays.stream(lines)
                .map(line -> line.replaceFirst("#.*", "").replaceAll("\\s", ""))
                .collect(Collectors.joining());
        return HexFormat.of().parseHex(digits);
    }
}
