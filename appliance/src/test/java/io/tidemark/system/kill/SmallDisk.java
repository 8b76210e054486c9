package io.tidemark.system.kill;

import io.tidemark.system.Site;
import io.tidemark.system.Tool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/** The data directory of a site on a small file system of its own, which somebody else fills up and clears. Takes root. */
final class SmallDisk implements AutoCloseable {

    private static final int BLOCK_BYTES = 1024;
    private static final int STEP_BYTES = 1 << 20;

    private final Site site;
    private final Machine.FileSystem kind;
    private final Path image;
    private final Path ballast;

    /** @param folder for the image of the disk */
    SmallDisk(Site site, Machine.FileSystem kind, long bytes, Path folder) {
        this.site = site;
        this.kind = kind;
        image = folder.resolve(site.name() + ".disk");
        ballast = site.data().resolve("ballast");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(bytes);
            Files.createDirectories(site.data());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run(kind.make + (kind == Machine.FileSystem.EXT4 ? " -b " + BLOCK_BYTES : ""));
        Tool.run("mount", "-o", "loop", image, site.data());
    }

    /** Takes what there is, to the last block; what is given up meanwhile may be taken by another call. */
    void fill() {
        fillLeaving(0);
    }

    /** Takes what there is but for so many bytes, about. */
    void fillLeaving(long bytes) {
        try (FileChannel channel = FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int step = STEP_BYTES; step >= BLOCK_BYTES; step /= 2) {
                writeWhileThereIs(channel, step, bytes);
            }
        } catch (IOException e) {
            requireFull(e);
        }
    }

    /** Gives back what was taken. */
    void clear() {
        try {
            Files.deleteIfExists(ballast);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file system was not hurt. */
    @Override
    public void close() {
        site.close();
        Tool.result("umount", site.data());
        run(kind.check);
    }

    private void writeWhileThereIs(FileChannel channel, int step, long kept) throws IOException {
        try {
            while (Files.getFileStore(site.data()).getUsableSpace() - step >= kept) {
                channel.write(ByteBuffer.allocate(step));
            }
        } catch (IOException e) {
            requireFull(e);
        }
    }

    private static void requireFull(IOException e) {
        if (!String.valueOf(e.getMessage()).contains("No space left")) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(String line) {
        Tool.run(Stream.concat(Stream.of(line.split(" ")), Stream.of(image.toString()))
                .toArray());
    }
}
