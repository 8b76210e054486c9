package io.tidemark.volume;

import io.tidemark.hand.HandJournal;
import io.tidemark.hand.HandThread;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Fault;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One life of the applier of a journal, and what it said. */
final class Stack implements Applied {

    static final int SIZE = 1 << 15;
    static final ApplySettings SMALL =
            new ApplySettings(20_000, 40_000, Duration.ofSeconds(5), Duration.ofSeconds(1), 0);

    final HandThread thread = new HandThread();
    final Volumes volumes;
    final Applier applier;
    final List<Fault> faults = new ArrayList<>();
    final List<JournalRecord> passed = new ArrayList<>();
    Sequence saved;
    boolean noSpaceToSave;

    private final HandJournal journal;
    private final Runnable whenSaved;

    /** @param whenSaved runs when the volumes are forced, before that is said */
    Stack(HandJournal journal, Volumes volumes, Sequence from, Runnable whenSaved) {
        this.journal = journal;
        this.volumes = volumes;
        this.saved = from;
        this.whenSaved = whenSaved;
        this.applier = new Applier(journal.journal, volumes, this, from, SMALL, thread, faults::add);
    }

    @Override
    public void changed(Entry.Data data, Sequence at) {}

    @Override
    public void passed(JournalRecord control) {
        passed.add(control);
    }

    @Override
    public void save(Sequence applied) throws IOException {
        if (noSpaceToSave) {
            throw new IOException("checkpoint.json: No space left on device");
        }
        whenSaved.run();
        saved = applied;
    }

    /** What the volume of a stream holds. */
    byte[] volume(StreamId stream) {
        ByteBuffer into = ByteBuffer.allocate(SIZE);
        try {
            volumes.find(stream).orElseThrow().read(0, into);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return into.array();
    }

    /** What a client reads of a stream's disk. */
    byte[] disk(StreamId stream) {
        ByteBuffer into = ByteBuffer.allocate(SIZE);
        try (Resolved resolved =
                journal.journal.latest().resolve(stream, new io.tidemark.journal.Extent(0, SIZE), applier.applied())) {
            DiskReader.read(resolved, volumes.find(stream).orElseThrow(), into);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return into.array();
    }
}
