package io.tidemark.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that says who holds which token. It is read again when it has changed; while it cannot be read, what it said last holds. Any thread.
 */
public final class TokenFile {

    private static final Logger LOG = LoggerFactory.getLogger(TokenFile.class);

    /** Between looks whether it has changed. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    private static final long BYTES_MAX = 4 << 20;

    /** By what a change is known. */
    private record State(FileTime modified, long bytes) {}

    private final Path path;
    private final LongSupplier nanoTime;
    private State state;
    private Tokens tokens;
    private long lookedNanos;
    private String complaint = ""; // said once

    private TokenFile(Path path, LongSupplier nanoTime) throws IOException {
        this.path = path;
        this.nanoTime = nanoTime;
        this.lookedNanos = nanoTime.getAsLong();
        this.state = stateNow();
        this.tokens = read();
    }

    /**
     * Reads it.
     *
     * @throws IOException if it cannot be read, or a line of it is wrong
     */
    public static TokenFile open(Path path, LongSupplier nanoTime) throws IOException {
        return new TokenFile(path, nanoTime);
    }

    /** Who holds the token. What was written to the file a second ago counts. */
    public synchronized Optional<Holder> find(String token) {
        long now = nanoTime.getAsLong();
        if (now - lookedNanos >= LOOK_NANOS) {
            lookedNanos = now;
            look();
        }
        return tokens.find(token);
    }

    private void look() {
        try {
            State found = stateNow();
            if (!found.equals(state)) {
                tokens = read();
                state = found;
                LOG.info("the tokens of {} were read again", path);
            }
            complaint = "";
        } catch (IOException e) { // tried again with the next look
            String why = String.valueOf(e.getMessage());
            if (!why.equals(complaint)) {
                LOG.error("{}; who had a token before has it still", why);
            }
            complaint = why;
        }
    }

    private State stateNow() throws IOException {
        try {
            return new State(Files.getLastModifiedTime(path), Files.size(path));
        } catch (IOException e) {
            throw new IOException("tokens cannot be read: " + e, e);
        }
    }

    private Tokens read() throws IOException {
        if (Files.size(path) > BYTES_MAX) {
            throw new IOException("tokens cannot be read: " + path + " has more than " + BYTES_MAX + " bytes");
        }
        try {
            return Tokens.parse(Files.readAllLines(path));
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException("tokens cannot be read: " + path + ": " + e.getMessage(), e);
        }
    }
}
