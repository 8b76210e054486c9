package io.tidemark.system.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.system.Api;
import io.tidemark.system.Await;
import io.tidemark.system.DiskSpec;
import io.tidemark.system.Lot;
import io.tidemark.system.Mounted;
import io.tidemark.system.SitePair;
import io.tidemark.system.Sites;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * At random points of the replica, flush epochs and timed cuts alike, a drill mounts the file system, starts the database and has
 * both checked: nothing is torn, and the commits are exactly those of that moment.
 *
 * <p>The window is small: in the long form its oldest points come from the volume. {@code -Ddata.seed} chooses the same again.
 */
final class DatabaseTest {

    private static final int POINTS = 4;
    private static final int COMMITS = 60;
    private static final int POINTS_IN_TORTURE = 40;
    private static final int COMMITS_IN_TORTURE = 1500;

    @RegisterExtension
    static final Sites SITES = new Sites();

    @SuppressWarnings("NullAway.Init")
    private static SitePair pair;

    private final Random random = Lot.draw("data.seed");

    @BeforeAll
    static void startSites() {
        pair = SITES.pair(Map.of("TIDEMARK_INTAKE_CUT_INTERVAL", "100ms", "TIDEMARK_REPLICA_WINDOW_BYTES", "48M"));
    }

    @Test
    @Tag("clients")
    void sqliteOnExt4ComesBackAsItWas() throws IOException {
        comesBack(FileSystem.EXT4, new Sqlite("wal"), COMMITS, POINTS);
    }

    @Test
    @Tag("clients")
    void sqliteOnXfsComesBackAsItWas() throws IOException {
        comesBack(FileSystem.XFS, new Sqlite("delete"), COMMITS, POINTS);
    }

    @Tag("torture")
    @Tag("data")
    @ParameterizedTest
    @EnumSource
    void sqliteWithAWriteAheadLogComesBackAtManyPoints(FileSystem fileSystem) throws IOException {
        comesBack(fileSystem, new Sqlite("wal"), COMMITS_IN_TORTURE, POINTS_IN_TORTURE);
    }

    @Tag("torture")
    @Tag("data")
    @ParameterizedTest
    @EnumSource
    void sqliteWithARollbackJournalComesBackAtManyPoints(FileSystem fileSystem) throws IOException {
        comesBack(fileSystem, new Sqlite("delete"), COMMITS_IN_TORTURE, POINTS_IN_TORTURE);
    }

    @Tag("torture")
    @Tag("data")
    @ParameterizedTest
    @EnumSource
    void postgresComesBackAtManyPoints(FileSystem fileSystem) throws IOException {
        Path sockets = SITES.folder();
        Tool.run("chown", Postgres.USER, sockets);
        comesBack(fileSystem, new Postgres(sockets), COMMITS_IN_TORTURE, POINTS_IN_TORTURE);
    }

    private void comesBack(FileSystem fileSystem, Database database, int commits, int points) throws IOException {
        // Given
        String vm = "vm-" + fileSystem.name().toLowerCase(Locale.ROOT) + "-" + Integer.toHexString(random.nextInt());
        String uri = pair.protect(vm, DiskSpec.direct("disk", FileSystem.MEBIBYTES));

        // When
        Commits log = commit(
                uri,
                fileSystem,
                database,
                said -> said.acknowledged() >= commits
                        && pointsFrom(said.firstRecord(), "cut", vm).size() >= points);
        pair.awaitReplicated();

        // Then
        pinOldest(vm);
        List<Api.Point> chosen = choose(vm, log.firstRecord(), points);
        System.out.printf("%d commits, %d points: %s%n", log.acknowledged(), chosen.size(), chosen);
        for (Api.Point point : chosen) {
            log.check(point.sequence(), contentAt(vm, point, fileSystem, database));
        }
        pair.source().api().delete("/vms/" + vm + "?confirm=" + vm);
    }

    /** However long that takes, as long as it goes on. */
    private static void awaitCommits(Tool work, Predicate<Commits> enough) {
        Commits said = new Commits(work.output());
        while (!enough.test(said)) {
            long before = said.acknowledged();
            said = Await.value(
                    "another commit",
                    () -> {
                        assertThat(work.isRunning()).as(work.output()).isTrue();
                        return new Commits(work.output());
                    },
                    next -> next.acknowledged() > before);
        }
    }

    /** Commits to a new database in a new file system until that is enough; what was committed when. */
    private static Commits commit(String uri, FileSystem fileSystem, Database database, Predicate<Commits> enough) {
        Path folder = openFolder();
        Workload workload =
                new Workload(pair.source().restAddress(), pair.replica().name(), folder.resolve("stop"));
        try (Mounted disk = new Mounted(uri, folder)) {
            fileSystem.makeOn(disk.device());
            try (Database.Running running = database.start(disk.mount(), workload)) {
                Tool work = running.work();
                awaitCommits(work, enough);
                workload.tellToStop();
                Tool.Result result = work.await();
                assertThat(result.status()).as(result.output()).isZero();
                return new Commits(result.output());
            }
        }
    }

    /** What a person does in a drill. */
    private static String contentAt(String vm, Api.Point point, FileSystem fileSystem, Database database) {
        Api.Drill drill = pair.replica().api().drill(vm, point);
        try (Mounted disk = new Mounted(drill.uri("disk"), openFolder())) {
            String content = database.check(disk.mount());
            disk.unmount();
            fileSystem.check(disk.device());
            return content;
        } catch (AssertionError e) {
            throw new AssertionError("at " + point, e);
        } finally {
            pair.replica().api().end(drill);
        }
    }

    /** What has left the window by now goes with the next look at it: no point that is chosen may go before its turn. */
    private static void pinOldest(String vm) {
        Await.until("a pin of the oldest point", () -> {
            long oldest = pair.replica().api().consistentPoints(vm).getLast().sequence();
            return pair.replica()
                    .api()
                    .ask("PUT", "/vms/" + vm + "/pins/oldest", Api.json(Map.of("point", Long.toString(oldest))))
                    .isOk();
        });
    }

    /** Half of them cuts, half of them flushes, from when the database was there. */
    private List<Api.Point> choose(String vm, long from, int points) {
        List<Api.Point> chosen = new ArrayList<>();
        for (String kind : List.of("cut", "flush")) {
            List<Api.Point> all = new ArrayList<>(pointsFrom(from, kind, vm));
            assertThat(all).as("points of kind %s", kind).hasSizeGreaterThanOrEqualTo(points / 2);
            Collections.shuffle(all, random);
            chosen.addAll(all.subList(0, points / 2));
        }
        return chosen;
    }

    private static List<Api.Point> pointsFrom(long from, String kind, String vm) {
        List<Api.Point> all = pair.replica().api().points(vm);
        assertThat(all).allMatch(Api.Point::consistent);
        return all.stream()
                .filter(point -> point.sequence() >= from && point.kind().equals(kind))
                .toList();
    }

    /** A folder that a database's own user can look into. */
    private static Path openFolder() {
        Path folder = SITES.folder();
        Tool.run("chmod", "755", folder);
        return folder;
    }
}
