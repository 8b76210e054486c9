package io.tidemark.journal.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.log.CrashHistory.Moment;
import io.tidemark.journal.log.JournalIdentity.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crashes a source's and a replica's journal at every point there is: after each the journal is a contiguous prefix with all that
 * was reported durable (I2), and goes on.
 *
 * <p>Every build takes a few of the points; {@code make torture} takes them all.
 */
final class CrashPointTest {

    private static final int SAMPLE_EVERY = 97;
    private static final int POINTS = 10_000;

    @TempDir(factory = QuickFolder.class)
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path temporary;

    private final Set<String> names = new HashSet<>();

    @Test
    void aSampleOfAllCrashPoints() throws Exception {
        for (Kind kind : Kind.values()) {
            for (Moment moment : Moment.values()) {
                crash(kind, moment, 1, SAMPLE_EVERY);
            }
        }
    }

    @Test
    @Tag("torture")
    void everyCrashPoint() throws Exception {
        long seed = Long.getLong("seed", 1);
        do {
            for (Kind kind : Kind.values()) {
                for (Moment moment : Moment.values()) {
                    crash(kind, moment, seed, 1);
                }
            }
            System.out.println(names.size() + " points up to seed " + seed);
            seed++;
        } while (names.size() < POINTS);
    }

    /** Takes one point of so many. */
    private void crash(Kind kind, Moment moment, long seed, int every) throws Exception {
        String what = "%s %s, seed %d".formatted(kind, moment, seed);
        Path folder = Files.createTempDirectory(temporary, "history");
        Random random = new Random(seed);
        CrashHistory history = new CrashHistory(folder, kind, moment, seed);
        List<CrashPoint> points = new ArrayList<>(new FolderPoints(history).all());
        for (SegmentTail tail : history.tails()) {
            points.addAll(new CutPoints(tail, history.recycled(), random).all());
        }
        System.out.println(what + ": " + points.size() + " points");
        CrashCheck check = new CrashCheck(history, folder, random);
        for (int i = 0; i < points.size(); i += every) {
            CrashPoint point = points.get(i);
            check.check(
                    new CrashPoint(what + ": " + point.name(), point.promise(), point.damage()), i / every % 8 == 0);
            assertThat(names.add(what + point.name()))
                    .as("%s, once more", point)
                    .isTrue();
        }
        if (moment == Moment.UNFORCED && every == 1) {
            assertThat(check.losses()).isGreaterThan(points.size() / 4);
            assertThat(check.refusals()).isPositive();
        }
        Folders.delete(folder);
    }
}
