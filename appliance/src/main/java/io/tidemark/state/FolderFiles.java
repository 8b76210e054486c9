package io.tidemark.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Small files in a folder, which is made when something is written. A file is written beside the old one and takes its name. */
public final class FolderFiles implements SmallFiles {

    /** More than any of them ever has: the bitmap of a disk of 64 TiB has 128 MiB. */
    static final long FILE_BYTES_MAX = 160 << 20;

    private static final String DRAFT = ".draft";

    private final Path folder;

    public FolderFiles(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        Path path = folder.resolve(name);
        try {
            if (Files.size(path) > FILE_BYTES_MAX) {
                throw new IOException("it has more than " + FILE_BYTES_MAX + " bytes");
            }
            return Optional.of(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // and nothing else is: a file that cannot be read is not one that never was
        } catch (IOException e) {
            throw new IOException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        Path path = folder.resolve(name);
        make(path.getParent());
        Path draft = path.resolveSibling(path.getFileName() + DRAFT);
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        forceFolderOf(path);
    }

    @Override
    public void delete(String name) throws IOException {
        Path path = folder.resolve(name);
        if (Files.deleteIfExists(path)) {
            forceFolderOf(path);
        }
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    /** Makes a folder and those above it that are missing, durably. */
    private static void make(@Nullable Path folder) throws IOException {
        if (folder != null && !Files.isDirectory(folder)) {
            make(folder.getParent());
            Files.createDirectories(folder);
            forceFolderOf(folder);
        }
    }

    private static void forceFolderOf(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path.getParent(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
