package io.tidemark.journal;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** Bytes as people write them down: hexadecimal, with a comment after a hash sign on each line. */
public final class Hex {

    private Hex() {}

    public static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(HexFormat.of()
                .parseHex(text.lines()
                        .map(line -> line.replaceFirst("#.*", "").replaceAll("\\s", ""))
                        .collect(Collectors.joining())));
    }
}
