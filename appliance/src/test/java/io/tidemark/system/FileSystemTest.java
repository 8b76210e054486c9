package io.tidemark.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Real file systems on protected disks: at each point they are whole, with every file that was synced before it. */
@Tag("clients")
@ExtendWith(SharedPair.class)
final class FileSystemTest {

    private static final int FILES = 4;
    private static final int FILE_BYTES = 300_000;

    /** A file that was synced: whatever point is at this record or behind it has it. */
    private record Synced(String name, ByteBuffer content, long sequence) {}

    private final SitePair pair;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit does that
    private Path folder;

    FileSystemTest(SitePair pair) {
        this.pair = pair;
    }

    @Test
    void ext4IsWholeAtEachPoint() throws IOException {
        everyPointIsWhole("ext4", 256, "mkfs.ext4 -q -F", "e2fsck -f -n");
    }

    @Test
    void xfsIsWholeAtEachPoint() throws IOException {
        everyPointIsWhole("xfs", 320, "mkfs.xfs -q -f", "xfs_repair -n");
    }

    private void everyPointIsWhole(String vm, long mebibytes, String make, String check) throws IOException {
        // Given
        String uri = pair.protect(vm, DiskSpec.direct("disk", mebibytes));

        // When
        List<Synced> files;
        try (Mounted disk = new Mounted(uri, Files.createDirectory(folder.resolve("source")))) {
            Tool.run(words(make, disk.device()));
            files = writeAndSync(disk.mount());
            disk.unmount();
        }
        pair.awaitReplicated();

        // Then
        for (Synced newest : files) {
            Api.Point point = pair.replica().api().consistentPoints(vm).stream()
                    .filter(each -> each.sequence() <= newest.sequence())
                    .findFirst()
                    .orElseThrow();
            List<Synced> expected = files.subList(0, files.indexOf(newest) + 1);
            assertWhole(pair.replica().api().drill(vm, point), check, expected);
        }
        assertWhole(pair.replica().api().drill(vm, "latest"), check, files);
    }

    private List<Synced> writeAndSync(Path mounted) throws IOException {
        List<Synced> files = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 1; i <= FILES; i++) {
            byte[] content = new byte[FILE_BYTES * i];
            random.nextBytes(content);
            Path directory = Files.createDirectories(mounted.resolve("folder-" + i % 2));
            Path file = directory.resolve("file-" + i);
            write(file, content);
            sync(directory);
            sync(mounted);
            files.add(new Synced(
                    mounted.relativize(file).toString(),
                    ByteBuffer.wrap(content),
                    pair.link().path("appended").asLong()));
            write(mounted.resolve("unsynced"), ByteBuffer.allocate(FILE_BYTES), false);
        }
        return files;
    }

    /** What a person does in a drill: mounts the file system, looks for the files, has it checked. */
    private void assertWhole(Api.Drill drill, String check, List<Synced> expected) throws IOException {
        try (Mounted disk = new Mounted(drill.uri("disk"), Files.createDirectory(folder.resolve(drill.id())))) {
            Path mounted = disk.mount();
            for (Synced file : expected) {
                assertThat(ByteBuffer.wrap(Files.readAllBytes(mounted.resolve(file.name()))))
                        .as("%s at record %s", file.name(), drill.point().sequence())
                        .isEqualTo(file.content());
            }
            disk.unmount();
            Tool.run(words(check, disk.device()));
        }
        pair.replica().api().end(drill);
    }

    private static void write(Path file, byte[] content) throws IOException {
        write(file, ByteBuffer.wrap(content), true);
    }

    private static void write(Path file, ByteBuffer content, boolean sync) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) {
                channel.write(content);
            }
            if (sync) {
                channel.force(true);
            }
        }
    }

    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true);
        }
    }

    private static Object[] words(String line, String last) {
        return (line + " " + last).split(" ");
    }
}
