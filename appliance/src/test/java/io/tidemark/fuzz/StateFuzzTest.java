package io.tidemark.fuzz;

import static io.tidemark.stage.StagedAppliance.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.appliance.Appliance;
import io.tidemark.appliance.Source;
import io.tidemark.appliance.SourceStatus;
import io.tidemark.appliance.VmWish;
import io.tidemark.journal.log.Folders;
import io.tidemark.journal.log.QuickFolder;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.fuzz.Inputs;
import io.tidemark.stage.StagedAppliance;
import io.tidemark.stage.StagedClient;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Name;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starts of an appliance on a data directory in which a small file is damaged: it does not start and names the file, or it starts
 * and says what it has left out, or all is well. What could not be read is not overwritten.
 */
class StateFuzzTest {

    private static final long FEW = 40;
    private static final long COSTS = 100;
    private static final int DISK_BYTES = 1 << 20;

    @TempDir(factory = QuickFolder.class)
    Path temporary;

    private int inputs;

    /** Two sites that have known each other for a while, stopped in good order. */
    @BeforeEach
    void record() throws Exception {
        try (StagedAppliance there = new StagedAppliance("there", temporary.resolve("there"));
                StagedAppliance here = new StagedAppliance("here", temporary.resolve("here"))) {
            there.now().putPeer(StagedAppliance.from("here"));
            here.now().putPeer(StagedAppliance.to("there", there.port()));
            here.now().protection().put(new Name("db"), wish());
            StagedClient client = here.client("db/root");
            for (int i = 0; i < 5; i++) {
                assertThat(client.write(i * 4096L, new byte[4096])).isTrue();
                assertThat(client.flush()).isTrue();
            }
            client.close(Ending.DISCONNECTED);
            until(() -> inStep(here));
        }
    }

    @Test
    void aFewDamagedFilesAreNamed() {
        Inputs.few(StateFuzzTest.class, FEW, this::damaged);
    }

    @Test
    @Tag("fuzz")
    void damagedFilesAreNamed() {
        Inputs.asked(StateFuzzTest.class, COSTS, this::damaged);
    }

    private void damaged(Random random) throws Exception {
        String name = random.nextBoolean() ? "here" : "there";
        Path folder = temporary.resolve(name + "-" + ++inputs);
        Folders.copy(temporary.resolve(name), folder);
        List<Path> files = smallFiles(folder);
        Path file = files.get(random.nextInt(files.size()));
        StateDamage.damage(file, random);
        Optional<ByteBuffer> content = content(file);

        boolean well;
        try (StagedAppliance started = new StagedAppliance(name, folder)) {
            well = isWell(started.now(), file);
        } catch (Exception refused) {
            assertThat(told(refused)).matches(said -> names(said, file));
            well = false;
        }

        if (!well) {
            assertThat(content(file)).as("%s, which could not be read", file).isEqualTo(content);
        }
        Folders.delete(folder);
    }

    /** Whether there is nothing to say; else it has to be said of that file. */
    private static boolean isWell(Appliance appliance, Path file) {
        List<String> problems = appliance.problems().stream()
                .filter(problem -> !problem.contains("nothing is shipped")) // the other site is not there
                .toList();
        assertThat(problems).allMatch(problem -> names(problem, file));
        appliance.sources().all().forEach(Source::status);
        appliance.protection().all().forEach(vm -> assertThat(vm.status()).isNotNull());
        appliance.recovery().all().forEach(vm -> assertThat(appliance.recovery().points(vm))
                .allMatch(point -> !point.toString().isEmpty()));
        return problems.isEmpty();
    }

    /** The file, or the journal whose other files it contradicts. */
    private static boolean names(String said, Path file) {
        String folder = file.resolveSibling("").toString().replaceFirst("/vms$", "");
        boolean ofItsVolume = said.contains("the volume") && said.contains(folder);
        return ofItsVolume || said.contains(file.toString()) || said.contains("part of it is lost");
    }

    private static List<Path> smallFiles(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(each -> each.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    /** Empty for what is too large to be one, or no file. */
    private static Optional<ByteBuffer> content(Path file) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) < 1 << 20
                ? Optional.of(ByteBuffer.wrap(Files.readAllBytes(file)))
                : Optional.empty();
    }

    private static String told(Exception refused) {
        StringWriter all = new StringWriter();
        for (Throwable each = refused; each != null; each = each.getCause()) {
            new PrintWriter(all, true).println(Objects.toString(each.getMessage()));
        }
        return all.toString();
    }

    private static boolean inStep(StagedAppliance here) {
        SourceStatus status = here.now().sources().to("there").orElseThrow().status();
        return status.ship().durable().equals(status.marks().appended());
    }

    private static VmWish wish() {
        return new VmWish(
                "there",
                List.of(new VmWish.DiskWish(new Name("root"), DISK_BYTES, AttachMode.DIRECT, Optional.empty())),
                Optional.of("<domain/>"),
                Optional.empty());
    }
}
