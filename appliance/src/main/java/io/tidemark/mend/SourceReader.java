package io.tidemark.mend;

import io.tidemark.journal.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.client.RemoteExport;
import io.tidemark.nbd.client.Result;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** Reads a source's disk from an export of it, on one connection with many requests in flight. Any thread. */
final class SourceReader {

    private final RemoteExport export;

    SourceReader(RemoteExport export) {
        this.export = export;
    }

    /** The longest read that the server takes, in whole units of comparison. */
    int requestBytesMax() {
        int most = export.info().blocks().payloadBytesMax();
        return most - most % Differences.UNIT_BYTES;
    }

    /**
     * Fills the buffer with the bytes of the extent, which are as many as it has room for. Done when it is full and flipped; exceptionally with an {@link
     * IOException}.
     */
    CompletableFuture<Void> read(Extent extent, ByteBuffer into) {
        CompletableFuture<Void> read = new CompletableFuture<>();
        export.read(new Offset(extent.offset()), into, result -> {
            switch (result) {
                case Result.Done done -> read.complete(null);
                case Result.Failed failed ->
                    read.completeExceptionally(
                            new IOException("reading " + extent + " has failed with error " + failed.error()));
                case Result.Unknown unknown -> read.completeExceptionally(new IOException(unknown.why()));
            }
        });
        return read;
    }

    void close() {
        export.close();
    }
}
