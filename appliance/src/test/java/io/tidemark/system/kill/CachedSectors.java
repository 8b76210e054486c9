package io.tidemark.system.kill;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The bytes of a disk: what was flushed, and everything each page has held since. After a power cut each sector holds any of
 * that, whatever the others hold: all orders in which a disk may write its cache, and all moments to stop.
 *
 * <p>One thread at a time.
 */
final class CachedSectors {

    static final int SECTOR = 512;
    private static final int PAGE = 4096;
    private static final byte[] ZEROES = new byte[PAGE];

    /** How much of what was not flushed is lost. */
    private enum Loss {
        ALL,
        MOST,
        SOME,
        NONE
    }

    private final byte[][] flushed;
    private final Map<Integer, List<byte[]>> since = new HashMap<>();

    CachedSectors(int bytes) {
        flushed = new byte[Math.ceilDiv(bytes, PAGE)][];
    }

    void read(long offset, ByteBuffer into) {
        long at = offset;
        while (into.hasRemaining()) {
            int within = (int) (at % PAGE);
            int length = Math.min(PAGE - within, into.remaining());
            into.put(newest((int) (at / PAGE)), within, length);
            at += length;
        }
    }

    void write(long offset, ByteBuffer from) {
        long at = offset;
        while (from.hasRemaining()) {
            int page = (int) (at / PAGE);
            int within = (int) (at % PAGE);
            int length = Math.min(PAGE - within, from.remaining());
            byte[] next = newest(page).clone();
            from.get(next, within, length);
            since.computeIfAbsent(page, none -> new ArrayList<>(1)).add(next);
            at += length;
        }
    }

    void flush() {
        since.forEach((page, versions) -> flushed[page] = versions.getLast());
        since.clear();
    }

    /** The power was cut. */
    void lose(Random random) {
        Loss loss = Loss.values()[random.nextInt(Loss.values().length)];
        since.forEach((page, versions) -> flushed[page] = left(flushed(page), versions, loss, random));
        since.clear();
    }

    private static byte[] left(byte[] flushed, List<byte[]> versions, Loss loss, Random random) {
        byte[] left = flushed.clone();
        for (int at = 0; at < PAGE; at += SECTOR) {
            boolean kept =
                    switch (loss) {
                        case ALL -> false;
                        case MOST -> random.nextInt(10) == 0;
                        case SOME -> random.nextInt(10) != 0;
                        case NONE -> true;
                    };
            if (kept) {
                int version = loss == Loss.NONE ? versions.size() - 1 : random.nextInt(versions.size());
                System.arraycopy(versions.get(version), at, left, at, SECTOR);
            }
        }
        return left;
    }

    private byte[] newest(int page) {
        List<byte[]> versions = since.get(page);
        return versions == null ? flushed(page) : versions.getLast();
    }

    private byte[] flushed(int page) {
        byte[] bytes = flushed[page];
        return bytes == null ? ZEROES : bytes;
    }
}
