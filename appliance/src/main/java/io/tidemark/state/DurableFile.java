package io.tidemark.state;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** A JSON file that is either as it was or as it is now, whatever happens in between. One writer at a time. */
public final class DurableFile<T> {

    private final SmallFiles files;
    private final String name;
    private final Class<T> type;
    private final ObjectMapper mapper;

    public DurableFile(SmallFiles files, String name, Class<T> type, ObjectMapper mapper) {
        this.files = files;
        this.name = name;
        this.type = type;
        this.mapper = mapper;
    }

    /** The file at a path. */
    public DurableFile(Path path, Class<T> type, ObjectMapper mapper) {
        this(
                new FolderFiles(Objects.requireNonNull(path.toAbsolutePath().getParent())),
                path.getFileName().toString(),
                type,
                mapper);
    }

    /** What was written last; empty if nothing ever was. */
    public Optional<T> read() throws IOException {
        Optional<byte[]> bytes = files.read(name);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            T content = mapper.readValue(bytes.get(), type);
            if (content == null) {
                throw new IOException(files + "/" + name + " cannot be read: it holds nothing");
            }
            return Optional.of(content);
        } catch (JacksonException e) {
            throw new IOException(files + "/" + name + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    /** The same of a file that says which format it has: another is an error, not something to be guessed at. */
    public Optional<T> read(int format, ToIntFunction<T> formatOf) throws IOException {
        Optional<T> content = read();
        if (content.filter(known -> formatOf.applyAsInt(known) != format).isPresent()) {
            throw new IOException(
                    files + "/" + name + " has format " + formatOf.applyAsInt(content.get()) + ", not " + format);
        }
        return content;
    }

    /** Replaces the content, durably on return. After a crash in the middle it is the old one or the new one. */
    public void write(T content) throws IOException {
        files.write(name, mapper.writeValueAsBytes(content));
    }

    /** Removes the file, durably on return. */
    public void delete() throws IOException {
        files.delete(name);
    }
}
