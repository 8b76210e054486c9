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
        Resolved resolved = resolve(stream, new Extent(offset, into.remaining()));
        readers.execute(() -> {
            try (resolved) {
                DiskReader.read(resolved, stream.volume(), into);
                completion.complete(Outcome.DONE);
            } catch (IOException | Fault e) {
                LOG.error("stream={}: read at {} failed", stream.id(), offset, e);
                completion.complete(new Outcome.Failed(NbdError.IO));
            }
        });
    }

    /** Says what is data and what is known to be zeroes. The owner. */
    void blockStatus(Stream stream, Extent extent, int runsMax, StatusCompletion completion) {
        Resolved resolved = resolve(stream, extent);
        readers.execute(() -> {
            try (resolved) {
                List<Run> runs = new ArrayList<>();
                DiskReader.allocation(resolved, stream.volume(), (part, data) -> {
                    if (runs.size() < runsMax) {
                        runs.add(new Run(new Length(part.length()), data ? Allocation.DATA : Allocation.HOLE));
                    }
                });
                completion.complete(new StatusCompletion.Described(runs));
            } catch (IOException | Fault e) {
                LOG.error("stream={}: block status of {} failed", stream.id(), extent, e);
                completion.complete(new StatusCompletion.Failed(NbdError.IO));
            }
        });
    }

    private Resolved resolve(Stream stream, Extent extent) {
        return latest.resolve(stream.id(), extent, applied.get());
    }
}
