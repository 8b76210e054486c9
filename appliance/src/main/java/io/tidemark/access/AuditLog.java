package io.tidemark.access;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every change that somebody has asked for: one line of JSON each, only ever appended to.
 *
 * <p>An entry is durable when {@link #add} returns. A file that is full is kept under the next name, the oldest of them goes. Any thread; calls wait for the
 * disk.
 */
public final class AuditLog implements AutoCloseable {

    static final String NAME = "audit.jsonl";

    /** Of files that are full, how many are kept. */
    static final int FULL_FILES_MAX = 15;

    private static final long FILE_BYTES_MAX = 16 << 20;

    /**
     * What somebody has asked for.
     *
     * @param who the holder of the token, or {@code anonymous}
     * @param from the address it came from
     * @param target path and query
     * @param status what was answered: from 400 on nothing was changed
     * @param names what it was about, and what came of it
     */
    public record Entry(
            @JsonProperty("time") String time,
            @JsonProperty("who") String who,
            @JsonProperty("role") String role,
            @JsonProperty("from") String from,
            @JsonProperty("method") String method,
            @JsonProperty("target") String target,
            @JsonProperty("status") int status,
            @JsonProperty("names") Map<String, String> names) {

        public Entry {
            names = Collections.unmodifiableMap(new TreeMap<>(names));
        }
    }

    private final Path folder;
    private final ObjectMapper mapper;
    private final long fileBytesMax;
    private FileChannel file;
    private boolean torn; // the file does not end with a whole line

    public AuditLog(Path folder, ObjectMapper mapper) throws IOException {
        this(folder, mapper, FILE_BYTES_MAX);
    }

    AuditLog(Path folder, ObjectMapper mapper, long fileBytesMax) throws IOException {
        this.folder = folder;
        this.mapper = mapper;
        this.fileBytesMax = fileBytesMax;
        this.file = open();
    }

    /** Adds an entry durably; a crash or a full disk may leave a part of a line, and the next one begins a line of its own. */
    public synchronized void add(Entry entry) throws IOException {
        String text = (torn ? "\n" : "") + mapper.writeValueAsString(entry) + "\n";
        ByteBuffer line = StandardCharsets.UTF_8.encode(text);
        if (file.size() > 0 && file.size() + line.remaining() > fileBytesMax) {
            beginNext();
        }
        torn = true;
        while (line.hasRemaining()) {
            file.write(line);
        }
        file.force(false);
        torn = false;
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }

    private void beginNext() throws IOException {
        for (int number = FULL_FILES_MAX - 1; number >= 1; number--) {
            if (Files.exists(full(number))) {
                Files.move(full(number), full(number + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(folder.resolve(NAME), full(1), StandardCopyOption.REPLACE_EXISTING);
        FileChannel before = file; // which is written to still if there can be no other
        file = open();
        before.close();
    }

    private FileChannel open() throws IOException {
        FileChannel opened =
                FileChannel.open(folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        torn = opened.size() > 0 && !endsWithALine(folder.resolve(NAME), opened.size());
        try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
            names.force(true); // it is durable that the file is there
        }
        return opened;
    }

    private static boolean endsWithALine(Path path, long bytes) throws IOException {
        try (FileChannel read = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            read.read(last, bytes - 1);
            return last.get(0) == '\n';
        }
    }

    private Path full(int number) {
        return folder.resolve("audit-" + number + ".jsonl");
    }
}
