package io.tidemark.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Small files in a folder, which is made when something is written. A file is written beside the old one and takes its name.
 *
 * <p>Whoever reads one relies on it, and its name may not be durable yet: the process may have been killed before the folder was forced,
 * or that force failed. So reading forces the folder too.
 */
public final class FolderFiles implements SmallFiles {

    /** More than any of them ever has: the bitmap of a disk of 64 TiB has 128 MiB. */
    static final long FILE_BYTES_MAX = 160 << 20;

    private static final String DRAFT = ".draft";

    /** Makes the names in a folder durable. */
    @FunctionalInterface
    interface Force {
        void of(Path folder) throws IOException;
    }

    private final Path folder;
    private final Force force;

    public FolderFiles(Path folder) {
        this(folder, FolderFiles::force);
    }

    FolderFiles(Path folder, Force force) {
        this.folder = folder.toAbsolutePath();
        this.force = force;
    }

    @Override
    public Optional<byte[]> read(String name) throws IOException {
        Path path = folder.resolve(name);
        try {
            Optional<byte[]> content = readIfThere(path);
            forceNameOf(path);
            return content;
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
    public List<String> names(String within) throws IOException {
        Path path = folder.resolve(within);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(path)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(name -> !name.endsWith(DRAFT))
                    .toList();
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Path path = folder.resolve(name);
        Files.deleteIfExists(path);
        forceNameOf(path); // even if it is gone already: whoever deleted it may not have come so far
    }

    @Override
    public String toString() {
        return folder.toString();
    }

    private static Optional<byte[]> readIfThere(Path path) throws IOException {
        try {
            if (Files.size(path) > FILE_BYTES_MAX) {
                throw new IOException("it has more than " + FILE_BYTES_MAX + " bytes");
            }
            return Optional.of(Files.readAllBytes(path));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // and nothing else is: a file that cannot be read is not one that never was
        }
    }

    /** It is durable whether the file is there. */
    private void forceNameOf(Path path) throws IOException {
        if (Files.isDirectory(folderOf(path))) { // else there never was one
            forceFolderOf(path);
        }
    }

    /** Makes a folder and those above it that are missing, durably. */
    private void make(@Nullable Path folder) throws IOException {
        if (folder != null && !Files.isDirectory(folder)) {
            make(folder.getParent());
            Files.createDirectories(folder);
            forceFolderOf(folder);
        }
    }

    private void forceFolderOf(Path path) throws IOException {
        force.of(folderOf(path));
    }

    private static Path folderOf(Path path) {
        return Objects.requireNonNull(path.getParent());
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
