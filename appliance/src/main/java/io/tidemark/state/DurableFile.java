package io.tidemark.state;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A JSON file that is either as it was or as it is now, whatever happens in between. One writer at a time. */
public final class DurableFile<T> {

    private static final String DRAFT = ".draft";

    private final Path path;
    private final Class<T> type;
    private final ObjectMapper mapper;

    public DurableFile(Path path, Class<T> type, ObjectMapper mapper) {
        this.path = path;
        this.type = type;
        this.mapper = mapper;
    }

    /** What was written last; empty if nothing ever was. */
    public Optional<T> read() throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // and nothing else is: a file that cannot be read is not one that never was
        }
        try {
            T content = mapper.readValue(bytes, type);
            if (content == null) {
                throw new IOException(path + " cannot be read: it holds nothing");
            }
            return Optional.of(content);
        } catch (JacksonException e) {
            throw new IOException(path + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /** Replaces the content, durably on return. After a crash in the middle it is the old one or the new one. */
    public void write(T content) throws IOException {
        Path draft = path.resolveSibling(path.getFileName() + DRAFT);
        try (FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(mapper.writeValueAsBytes(content));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        forceFolder();
    }

    /** Removes the file, durably on return. */
    public void delete() throws IOException {
        if (Files.deleteIfExists(path)) {
            forceFolder();
        }
    }

    private void forceFolder() throws IOException {
        try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }
}
