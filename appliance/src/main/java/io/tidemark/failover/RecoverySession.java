package io.tidemark.failover;

import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import io.tidemark.volume.FullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection's use of a drill's disk. Everything is done by threads that may wait for the disk. */
final class RecoverySession implements Session {

    private static final Logger LOG = LoggerFactory.getLogger(RecoverySession.class);

    /** Something that may fail as storage does. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private final RecoveryDisk disk;
    private final Executor blocking;
    private final Supplier<Optional<String>> gone;

    RecoverySession(RecoveryDisk disk, Executor blocking, Supplier<Optional<String>> gone) {
        this.disk = disk;
        this.blocking = blocking;
        this.gone = gone;
    }

    @Override
    public void read(Offset offset, ByteBuffer into, Completion completion) {
        run(() -> disk.read(offset.bytes(), into), completion);
    }

    @Override
    public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
        Work write = () -> {
            try {
                disk.write(piece.offset().bytes(), payload.bytes());
            } finally {
                payload.release();
            }
        };
        run(write, completion);
    }

    @Override
    public void writeZeroes(Zeroing zeroing, Completion completion) {
        run(() -> disk.zero(journalExtent(zeroing.extent())), completion);
    }

    @Override
    public void trim(Extent extent, Durability durability, Completion completion) {
        run(() -> disk.zero(journalExtent(extent)), completion);
    }

    /** Nothing of a drill outlives the appliance, so there is nothing to make durable. */
    @Override
    public void flush(Completion completion) {
        completion.complete(outcome());
    }

    @Override
    public void cache(Extent extent, Completion completion) {
        completion.complete(Outcome.DONE);
    }

    @Override
    public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
        blocking.execute(() -> {
            List<Run> runs = new ArrayList<>();
            try {
                disk.allocation(journalExtent(extent), (part, data) -> {
                    if (runs.size() < runsMax) {
                        runs.add(new Run(new Length(part.length()), data ? Allocation.DATA : Allocation.HOLE));
                    }
                });
                completion.complete(
                        gone.get().isPresent()
                                ? new StatusCompletion.Failed(NbdError.IO)
                                : new StatusCompletion.Described(runs));
            } catch (IOException | RuntimeException e) {
                LOG.error("block status of a drill's disk failed", e);
                completion.complete(new StatusCompletion.Failed(NbdError.IO));
            }
        });
    }

    @Override
    public void close(Ending ending) {
        // a drill does not care who looks at it
    }

    private void run(Work work, Completion completion) {
        blocking.execute(() -> {
            try {
                work.run();
                completion.complete(outcome());
            } catch (IOException | RuntimeException e) {
                boolean noSpace = FullException.causes(e);
                if (gone.get().isEmpty() && !noSpace) {
                    LOG.error("a drill's disk failed", e);
                }
                completion.complete(new Outcome.Failed(noSpace ? NbdError.NO_SPACE : NbdError.IO));
            }
        });
    }

    /** What was read may be newer than the point once that is given up: it is not told. */
    private Outcome outcome() {
        return gone.get().isPresent() ? new Outcome.Failed(NbdError.IO) : Outcome.DONE;
    }

    private static io.tidemark.journal.Extent journalExtent(Extent extent) {
        return new io.tidemark.journal.Extent(
                extent.start().bytes(), extent.length().bytes());
    }
}
