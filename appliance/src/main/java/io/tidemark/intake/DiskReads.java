package io.tidemark.intake;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Fault;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.View;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.volume.DiskReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of protected disks: they see every change that was appended before them, and never wait for the link.
 *
 * <p>The owner finds out where the bytes are; reader threads fetch them.
 */
final class DiskReads {

    private static final Logger LOG = LoggerFactory.getLogger(DiskReads.class);

    private final View latest;
    private final Supplier<Sequence> applied;
    private final Executor readers;

    /** @param applied every record up to here can be read from the volumes */
    DiskReads(View latest, Supplier<Sequence> applied, Executor readers) {
        this.latest = latest;
        this.applied = applied;
        this.readers = readers;
    }

    /** Fills the buffer. The owner. */
    void read(Stream stream, long offset, ByteBuffer into, Completion completion) {
        Extent extent = new Extent(offset, into.remaining());
        fetch(stream, extent, new Fetch() {
            @Override
            public void from(Resolved resolved) throws IOException {
                DiskReader.read(resolved, stream.volume(), into);
            }

            @Override
            public void done() {
                completion.complete(Outcome.DONE);
            }

            @Override
            public void failed() {
                completion.complete(new Outcome.Failed(NbdError.IO));
            }
        });
    }

    /** Says what is data and what is known to be zeroes. The owner. */
    void blockStatus(Stream stream, Extent extent, int runsMax, StatusCompletion completion) {
        List<Run> runs = new ArrayList<>();
        fetch(stream, extent, new Fetch() {
            @Override
            public void from(Resolved resolved) throws IOException {
                DiskReader.allocation(resolved, stream.volume(), (part, data) -> {
                    if (runs.size() < runsMax) {
                        runs.add(new Run(new Length(part.length()), data ? Allocation.DATA : Allocation.HOLE));
                    }
                });
            }

            @Override
            public void done() {
                completion.complete(new StatusCompletion.Described(runs));
            }

            @Override
            public void failed() {
                completion.complete(new StatusCompletion.Failed(NbdError.IO));
            }
        });
    }

    /** What is to be fetched, and whom to tell; exactly one of {@link #done} and {@link #failed} is called. */
    private interface Fetch {

        void from(Resolved resolved) throws IOException;

        void done();

        void failed();
    }

    private void fetch(Stream stream, Extent extent, Fetch fetch) {
        try {
            Resolved resolved = latest.resolve(stream.id(), extent, applied.get());
            try {
                readers.execute(() -> fetchNow(stream, extent, resolved, fetch));
            } catch (RejectedExecutionException e) {
                resolved.close();
                fetch.failed();
            }
        } catch (Fault e) {
            LOG.error("stream={}: {} could not be looked up", stream.id(), extent, e);
            fetch.failed();
        }
    }

    /** Whatever goes wrong, the client must not wait for ever; a page that cannot be read is an InternalError. */
    private static void fetchNow(Stream stream, Extent extent, Resolved resolved, Fetch fetch) {
        try (resolved) {
            fetch.from(resolved);
        } catch (IOException | RuntimeException | InternalError e) {
            LOG.error("stream={}: {} could not be read", stream.id(), extent, e);
            fetch.failed();
            return;
        }
        fetch.done();
    }
}
