package io.tidemark.replica;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Journal;
import io.tidemark.journal.Owner;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Comparison;
import io.tidemark.link.Downlink;
import io.tidemark.volume.Digests;
import io.tidemark.volume.DiskReader;
import io.tidemark.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a sender that asks which blocks are the same here, as of the newest record. The owner's; what takes the disk, readers do.
 *
 * <p>What cannot be read is not the same: then it is sent, which is never wrong.
 */
final class Comparisons {

    /** Questions that are read for at a time, of a few MiB each. */
    private static final int READS_MAX = 2;

    private static final Logger LOG = LoggerFactory.getLogger(Comparisons.class);

    private record Question(Downlink asker, long number, Comparison comparison) {

        Sequence after() {
            return comparison.after();
        }

        void answer(BitSet equal) {
            asker.answer(number, equal);
        }
    }

    private final ReplicaStore store;
    private final Journal journal;
    private final Owner owner;
    private final Executor readers;
    private final Deque<Question> waiting =
            new ArrayDeque<>(); // the link lets a session have Comparison.UNANSWERED_MAX
    private int reads;

    /** @param readers threads that may wait for the disk */
    Comparisons(ReplicaStore store, Owner owner, Executor readers) {
        this.store = store;
        this.journal = store.journal();
        this.owner = owner;
        this.readers = readers;
    }

    void ask(Downlink asker, long number, Comparison comparison) {
        waiting.add(new Question(asker, number, comparison));
        goOn();
    }

    /** The session is over: nobody waits for answers. */
    void forget() {
        waiting.clear();
    }

    /** More is durable, perhaps. */
    void goOn() {
        Iterator<Question> each = waiting.iterator();
        while (reads < READS_MAX && each.hasNext()) {
            Question question = each.next();
            if (!question.after().isAfter(journal.durable())) {
                each.remove();
                answer(question);
            }
        }
    }

    private void answer(Question question) {
        Comparison comparison = question.comparison();
        Optional<Volume> volume = store.volumes()
                .find(comparison.stream())
                .filter(found -> comparison.extent().end() <= found.sizeBytes());
        if (volume.isEmpty()) {
            question.answer(new BitSet());
            return;
        }
        Resolved resolved;
        try {
            resolved = journal.latest().resolve(comparison.stream(), comparison.extent(), store.applied());
        } catch (Fault failed) {
            LOG.debug("journal={} has failed: {}", journal.id(), failed.toString()); // it says so itself
            question.answer(new BitSet());
            return;
        }
        reads++;
        try {
            readers.execute(() -> read(question, resolved, volume.get()));
        } catch (RejectedExecutionException ending) {
            resolved.close();
            reads--;
        }
    }

    private void read(Question question, Resolved resolved, Volume volume) {
        BitSet equal = new BitSet();
        try (resolved) {
            equal = compare(question.comparison(), resolved, volume);
        } catch (IOException | RuntimeException | InternalError e) { // a page that cannot be read is an InternalError
            LOG.warn(
                    "journal={} stream={}: {} cannot be compared: {}",
                    journal.id(),
                    question.comparison().stream(),
                    question.comparison().extent(),
                    e.toString());
        }
        question.answer(equal);
        owner.execute(() -> {
            reads--;
            goOn();
        });
    }

    private static BitSet compare(Comparison comparison, Resolved resolved, Volume volume) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) comparison.extent().length());
        DiskReader.read(resolved, volume, bytes);
        ByteBuffer ours = Digests.of(bytes.flip(), Comparison.BLOCK_BYTES);
        ByteBuffer theirs = comparison.digests();
        BitSet equal = new BitSet(comparison.blocks());
        for (int block = 0; block < comparison.blocks(); block++) {
            int at = block * Digests.BYTES;
            equal.set(block, ours.slice(at, Digests.BYTES).equals(theirs.slice(at, Digests.BYTES)));
        }
        return equal;
    }
}
