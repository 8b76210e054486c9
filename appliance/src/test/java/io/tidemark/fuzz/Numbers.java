package io.tidemark.fuzz;

import java.util.Random;

/** Numbers at which programs go wrong. */
final class Numbers {

    private static final long[] ALL = {
        0,
        1,
        -1,
        2,
        3,
        4,
        Byte.MAX_VALUE,
        255,
        Short.MAX_VALUE,
        0xffff,
        1 << 20,
        (4 << 20) + 1,
        6 << 20,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0x3fffffff,
        0x40000000,
        0xffffffffL,
        1L << 32,
        1L << 50,
        Long.MAX_VALUE,
        Long.MAX_VALUE - 1,
        Long.MIN_VALUE
    };

    private Numbers() {}

    static long any(Random random) {
        long number = ALL[random.nextInt(ALL.length)];
        return switch (random.nextInt(4)) {
            case 0 -> number + random.nextInt(5) - 2;
            case 1 -> random.nextLong() >>> random.nextInt(Long.SIZE);
            default -> number;
        };
    }
}
