package io.tidemark.resync;

import io.tidemark.journal.Extent;
import io.tidemark.journal.StreamId;
import io.tidemark.state.SmallFiles;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the replica lacks of each stream that is being copied to it, for the lives to come: a file holds at least the dirty blocks whose
 * changes are not in the journal any more. One writer at a time.
 */
public final class DirtyFiles {

    private static final Logger LOG = LoggerFactory.getLogger(DirtyFiles.class);

    private final SmallFiles files;

    /** @param files of the journal */
    public DirtyFiles(SmallFiles files) {
        this.files = files;
    }

    /**
     * What was written last; every block when there is nothing that can be read. Of a disk that has grown since, what was added counts as dirty: nobody
     * may have written down what became of it.
     */
    public Kept read(StreamId stream, long sizeBytes) throws IOException {
        Optional<byte[]> file = files.read(name(stream));
        try {
            if (file.isPresent()) {
                Kept kept = DirtyFormat.decode(file.get());
                DirtyBlocks then = kept.dirty();
                DirtyBlocks now = then.sizedTo(sizeBytes);
                if (then.sizeBytes() < sizeBytes) {
                    now.mark(Extent.between(then.sizeBytes(), sizeBytes));
                }
                return new Kept(now, kept.trackedBehind());
            }
        } catch (IOException damaged) {
            LOG.error(
                    "stream={}: all of it is copied, since {}/{} is {}",
                    stream,
                    files,
                    name(stream),
                    damaged.getMessage());
        }
        DirtyBlocks all = new DirtyBlocks(sizeBytes);
        all.markAll();
        return Kept.whole(all);
    }

    /**
     * What was written last; empty if nothing ever was. What cannot be read is not made up for, and what a disk has that has grown since is not
     * dirty.
     */
    public Optional<DirtyBlocks> find(StreamId stream, long sizeBytes) throws IOException {
        Optional<byte[]> file = files.read(name(stream));
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(DirtyFormat.decode(file.get()).dirty().sizedTo(sizeBytes));
    }

    /** Durable on return. */
    public void write(StreamId stream, DirtyBlocks dirty) throws IOException {
        write(stream, Kept.whole(dirty));
    }

    /** Durable on return. */
    public void write(StreamId stream, Kept kept) throws IOException {
        files.write(name(stream), DirtyFormat.encode(kept));
    }

    public void delete(StreamId stream) throws IOException {
        files.delete(name(stream));
    }

    private static String name(StreamId stream) {
        return "dirty/" + stream + ".bitmap";
    }
}
