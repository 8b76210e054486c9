package io.tidemark.journal.extent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The map of extents and an array with one place a byte always say the same. */
class ExtentMapProperties {

    private static final int DISK = 200;
    private static final long NOWHERE = -1;
    private static final int TRIES = 1000;

    @Test
    void whatWasPutLastCoversWhatWasThere() {
        for (int seed = 0; seed < TRIES; seed++) {
            Random random = new Random(seed);
            ExtentMap map = new ExtentMap();
            long[] model = new long[DISK];
            Arrays.fill(model, NOWHERE);
            for (int i = 0; i < 60; i++) {
                int from = random.nextInt(DISK);
                int to = from + 1 + random.nextInt(Math.min(40, DISK - from));
                long place = random.nextInt(4) == 0 ? ExtentLookup.ZEROES : 1000 + random.nextInt(100_000);

                // When
                map.put(from, to, place);

                // Then
                for (int at = from; at < to; at++) {
                    model[at] = ExtentLookup.advance(place, at - from);
                }
                int low = random.nextInt(DISK);
                int high = low + 1 + random.nextInt(DISK - low);
                assertThat(seen(map, low, high))
                        .as("seed %d, put %d, [%d, %d)", seed, i, low, high)
                        .isEqualTo(part(model, low, high));
            }
            assertThat(seen(map, 0, DISK)).as("seed %d", seed).isEqualTo(model);
            assertDisjoint(map);
        }
    }

    /** Enough of them for many runs, and now and then one that covers a stretch of them. */
    @Test
    void thousandsOfExtentsAreFoundWhereTheyWerePut() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            int disk = 40_000;
            ExtentMap map = new ExtentMap();
            long[] model = new long[disk];
            Arrays.fill(model, NOWHERE);
            for (int i = 0; i < 20_000; i++) {
                int length = 1 + random.nextInt(random.nextInt(500) == 0 ? 5000 : 3);
                int from = random.nextInt(disk - length);
                int end = from + length;
                long place = 1000L + random.nextInt(100_000);

                // When
                map.put(from, end, place);

                for (int at = from; at < end; at++) {
                    model[at] = ExtentLookup.advance(place, at - from);
                }
            }

            // Then
            assertThat(seen(map, 0, disk)).as("seed %d", seed).isEqualTo(model);
            int from = random.nextInt(disk - 700);
            assertThat(seen(map, from, from + 700)).as("seed %d", seed).isEqualTo(part(model, from, from + 700));
            assertDisjoint(map);
        }
    }

    @Test
    void anEmptyMapHasNothing() {
        long[] nothing = new long[DISK];
        Arrays.fill(nothing, NOWHERE);

        assertThat(seen(new ExtentMap(), 0, DISK)).isEqualTo(nothing);
        assertThat(seen(ExtentLookup.EMPTY, 0, DISK)).isEqualTo(nothing);
    }

    @Test
    void extentsReachToTheEndOfTheLargestDisk() {
        ExtentMap map = new ExtentMap();
        map.put(0, Long.MAX_VALUE, ExtentLookup.ZEROES);

        // When
        map.put(1L << 40, (1L << 40) + 10, 4096);

        // Then
        assertThat(map.toList())
                .containsExactly(
                        new ExtentMap.Placed(0, 1L << 40, ExtentLookup.ZEROES),
                        new ExtentMap.Placed(1L << 40, (1L << 40) + 10, 4096),
                        new ExtentMap.Placed((1L << 40) + 10, Long.MAX_VALUE, ExtentLookup.ZEROES));
    }

    private static void assertDisjoint(ExtentMap map) {
        List<ExtentMap.Placed> all = map.toList();
        assertThat(all).hasSize(map.size());
        for (int i = 1; i < all.size(); i++) {
            assertThat(all.get(i).offset())
                    .isGreaterThanOrEqualTo(all.get(i - 1).end());
        }
    }

    /** One place a byte, as the lookup visits them: ascending, within the bounds, none twice. */
    private static long[] seen(ExtentLookup lookup, int from, int to) {
        long[] places = new long[to - from];
        Arrays.fill(places, NOWHERE);
        long[] last = {from};
        lookup.overlapping(from, to, (offset, end, place) -> {
            assertThat(offset).isGreaterThanOrEqualTo(last[0]);
            assertThat(end).isGreaterThan(offset).isLessThanOrEqualTo(to);
            last[0] = end;
            for (long at = offset; at < end; at++) {
                places[(int) at - from] = ExtentLookup.advance(place, at - offset);
            }
        });
        return places;
    }

    private static long[] part(long[] model, int from, int to) {
        return Arrays.copyOfRange(model, from, to);
    }
}
