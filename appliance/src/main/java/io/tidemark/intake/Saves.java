package io.tidemark.intake;

import io.tidemark.journal.StreamId;
import io.tidemark.resync.DirtyBlocks;
import io.tidemark.resync.DirtyFiles;
import io.tidemark.resync.Kept;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes bitmaps one after the other, in the order in which it was asked to, on threads that may wait for the disk. The owner's. */
final class Saves {

    private static final Logger LOG = LoggerFactory.getLogger(Saves.class);

    /** What is done to the files. */
    @FunctionalInterface
    private interface Change {
        void run() throws IOException;
    }

    private final DirtyFiles files;
    private final Executor blocking;
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    Saves(DirtyFiles files, Executor blocking) {
        this.files = files;
        this.blocking = blocking;
    }

    /** Bitmaps that nobody changes any more. Done when they are durable; with the failure, if that could not be. */
    CompletableFuture<Void> write(Map<StreamId, DirtyBlocks> all) {
        Map<StreamId, Kept> whole = new LinkedHashMap<>();
        all.forEach((stream, dirty) -> whole.put(stream, Kept.whole(dirty)));
        return keep(whole);
    }

    /** The same of bitmaps some of which are complete up to a record only. */
    CompletableFuture<Void> keep(Map<StreamId, Kept> all) {
        return then(() -> {
            for (Map.Entry<StreamId, Kept> each : all.entrySet()) {
                files.write(each.getKey(), each.getValue());
            }
        });
    }

    /** The stream is gone. */
    CompletableFuture<Void> delete(StreamId stream) {
        return then(() -> files.delete(stream));
    }

    private CompletableFuture<Void> then(Change change) {
        CompletableFuture<Void> done = last.thenRunAsync(() -> run(change), blocking);
        last = done.handle((nothing, failure) -> {
            if (failure != null) {
                LOG.warn("what has to be copied to the replica could not be saved: {}", failure.toString());
            }
            return null;
        });
        return done;
    }

    private static void run(Change change) {
        try {
            change.run();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
