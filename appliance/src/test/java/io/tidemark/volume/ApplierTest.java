package io.tidemark.volume;

import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static io.tidemark.journal.Entries.write;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.hand.HandJournal;
import io.tidemark.hand.HandThread;
import io.tidemark.journal.DiskModel;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Hold;
import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplierTest {

    private static final StreamId A = stream(0);
    private static final StreamId UNKNOWN = stream(9);

    @TempDir
    Path folder;

    private HandJournal journal;
    private final DiskModel model = new DiskModel(Stack.SIZE);

    @BeforeEach
    void open() {
        journal = HandJournal.open(folder.resolve("journal"), new HandThread(), 1);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void appliesUpToTheLimitAndNoFurther() throws IOException {
        Stack stack = stack();
        Sequence first = change(write(A, 0, 4096, 1));
        byte[] atFirst = model.bytes().clone();
        change(write(A, 2048, 4096, 2));
        journal.force();

        // When
        stack.applier.raise(first);
        stack.thread.run();

        // Then
        assertThat(stack.applier.written()).isEqualTo(first);
        assertThat(stack.volume(A)).isEqualTo(atFirst);
    }

    @Test
    void theLimitNeverComesDown() throws IOException {
        Stack stack = stack();
        Sequence first = change(write(A, 0, 4096, 1));
        Sequence second = change(write(A, 0, 4096, 2));
        journal.force();

        // When
        stack.applier.raise(second);
        stack.applier.raise(first);
        stack.thread.run();

        // Then
        assertThat(stack.applier.written()).isEqualTo(second);
    }

    @Test
    void aVolumeIsNeverAheadOfTheDurableJournal() throws IOException {
        Stack stack = stack();
        Sequence durable = change(write(A, 0, 4096, 1));
        journal.force();
        byte[] atDurable = model.bytes().clone();
        Sequence last = change(write(A, 0, 4096, 2));

        // When
        stack.applier.raise(last);
        stack.thread.run();

        // Then
        assertThat(stack.applier.written()).isEqualTo(durable);
        assertThat(stack.volume(A)).isEqualTo(atDurable);

        // When: told that more is durable
        journal.force();
        stack.applier.raise(last);
        stack.thread.run();

        // Then
        assertThat(stack.applier.written()).isEqualTo(last);
        assertThat(stack.volume(A)).isEqualTo(model.bytes());
    }

    @Test
    void recordsOfStreamsWithoutAVolumeArePassedOver() throws IOException {
        Stack stack = stack();
        change(write(A, 0, 4096, 1));
        journal.append(write(UNKNOWN, 1L << 40, 4096, 2));
        Sequence last = journal.append(flush(UNKNOWN));
        journal.force();

        // When
        stack.applier.raise(last);
        stack.thread.run();

        // Then
        assertThat(stack.applier.written()).isEqualTo(last);
        assertThat(stack.faults).isEmpty();
        assertThat(stack.volume(A)).isEqualTo(model.bytes());
    }

    @Test
    void controlRecordsArePassedInOrderAfterTheDataBeforeThem() throws IOException {
        Stack stack = stack();
        change(write(A, 0, 4096, 1));
        Sequence flush = journal.append(flush(A));
        change(write(A, 0, 4096, 2));
        Sequence cut = journal.append(new Entry.Cut());
        journal.force();

        // When
        stack.applier.raise(cut);
        stack.thread.run();

        // Then: the first is the opening
        assertThat(stack.passed).extracting(JournalRecord::sequence).containsExactly(new Sequence(1), flush, cut);
    }

    @Test
    void theJournalIsHeldUntilTheVolumesAreSavedNotOnlyWritten() throws IOException {
        Stack stack = stack();
        Sequence last = change(write(A, 0, 4096, 1));
        journal.force();
        stack.applier.raise(last);
        stack.thread.run();
        assertThat(held()).isEqualTo(Sequence.NONE);
        assertThat(stack.saved).isEqualTo(Sequence.NONE);

        // When
        stack.thread.pass(Stack.SMALL.forceInterval());

        // Then
        assertThat(stack.saved).isEqualTo(last);
        assertThat(held()).isEqualTo(last);
    }

    @Test
    void whatIsDirtyBetweenTwoForcesIsBounded() throws IOException {
        Stack stack = stack();
        Sequence last = Sequence.NONE;
        for (int i = 0; i < 40; i++) {
            last = change(write(A, i % 15 * 2048L, 2048, i));
        }
        journal.force();

        // When: no time passes
        stack.applier.raise(last);
        stack.thread.run();

        // Then: no more than the limit and a batch is behind
        assertThat(last.recordsSince(stack.saved) * 2048)
                .isLessThanOrEqualTo(Stack.SMALL.dirtyBytesMax() + Stack.SMALL.batchBytes());
    }

    @Test
    void closingSavesWhatWasApplied() throws IOException {
        Stack stack = stack();
        Sequence last = change(write(A, 0, 4096, 1));
        journal.force();
        stack.applier.raise(last);
        stack.thread.inline();

        // When
        stack.applier.close();

        // Then
        assertThat(stack.saved).isEqualTo(last);
    }

    @Test
    void aFullFileSystemIsWaitedFor() throws IOException {
        Fragile volume = fragile();
        Stack stack = stack(volume);
        volume.full = () -> true;
        change(write(A, 0, 4096, 1));
        Sequence last = change(new Entry.Zero(A, Epoch.FIRST, new Extent(1024, 1024), true));
        journal.force();

        // When
        stack.applier.raise(last);
        stack.thread.run();

        // Then: it is said, and nothing is skipped
        assertThat(stack.applier.waitsForSpace()).isTrue();
        assertThat(stack.applier.written()).isLessThan(last);
        assertThat(stack.faults).isEmpty();

        // When
        volume.full = () -> false;
        stack.thread.pass(Stack.SMALL.retryInterval());

        // Then
        assertThat(stack.applier.waitsForSpace()).isFalse();
        assertThat(stack.applier.written()).isEqualTo(last);
        assertThat(stack.volume(A)).isEqualTo(model.bytes());
    }

    @Test
    void noRoomForTheCheckpointIsWaitedForToo() throws IOException {
        Stack stack = stack();
        stack.noSpaceToSave = true;
        Sequence last = change(write(A, 0, 4096, 1));
        journal.force();
        stack.applier.raise(last);

        // When
        stack.thread.pass(Stack.SMALL.forceInterval());

        // Then
        assertThat(stack.faults).isEmpty();
        assertThat(stack.applier.waitsForSpace()).isTrue();
        assertThat(held()).isEqualTo(Sequence.NONE);

        // When
        stack.noSpaceToSave = false;
        stack.thread.pass(Stack.SMALL.forceInterval().plus(Duration.ofSeconds(1)));

        // Then
        assertThat(stack.saved).isEqualTo(last);
        assertThat(stack.applier.waitsForSpace()).isFalse();
    }

    @Test
    void aFailedForceIsFinalEvenForWantOfSpace() throws IOException {
        for (String why : new String[] {"Input/output error", "No space left on device"}) {
            Fragile volume = fragile();
            Stack stack = stack(volume);
            Sequence last = Sequence.NONE;
            for (int i = 0; i < 40; i++) { // enough for the limit of dirty bytes to be met
                last = change(write(A, i % 15 * 2048L, 2048, i));
            }
            journal.force();
            volume.forceFails = why;

            // When
            stack.applier.raise(last);
            stack.thread.run();
            volume.forceFails = "";
            stack.thread.pass(Duration.ofMinutes(1));

            // Then: the next force would succeed without the bytes, so there is none
            assertThat(stack.faults).hasSize(1);
            assertThat(stack.saved).isEqualTo(Sequence.NONE);
            assertThat(held()).isEqualTo(Sequence.NONE);
        }
    }

    /** A force that fails leaves pages clean that are not on the disk: the kernel forgets them when it needs room. */
    @Test
    void whatWasNotForcedIsReadFromTheJournal() throws IOException {
        Fragile volume = fragile();
        Stack stack = stack(volume);
        change(write(A, 0, 4096, 1));
        journal.force();
        stack.applier.raise(journal.journal.durable());
        stack.thread.pass(Stack.SMALL.forceInterval());
        byte[] forced = stack.volume(A);
        Sequence last = change(write(A, 2048, 4096, 2));
        journal.force();
        stack.applier.raise(last);
        volume.forceFails = "Input/output error";
        stack.thread.pass(Stack.SMALL.forceInterval());
        assertThat(stack.applier.written()).isEqualTo(last);

        // When
        volume.below.write(0, ByteBuffer.wrap(forced));

        // Then
        assertThat(stack.disk(A)).isEqualTo(model.bytes());
    }

    @Test
    void closingAfterAFailureDoesNotFail() throws IOException {
        Fragile volume = fragile();
        Stack stack = stack(volume);
        Sequence last = change(write(A, 0, 2048, 1));
        journal.force();
        stack.applier.raise(last);
        stack.thread.inline();
        volume.forceFails = "Input/output error";

        // When
        stack.applier.close();

        // Then: it is told, and the next life will begin where this one had saved
        assertThat(stack.faults).hasSize(1);
        assertThat(stack.saved).isEqualTo(Sequence.NONE);
    }

    private Stack stack() throws IOException {
        Volumes volumes = new Volumes(folder.resolve("volumes"));
        volumes.open(A, Stack.SIZE);
        return new Stack(journal, volumes, Sequence.NONE, () -> {});
    }

    private Stack stack(Fragile fragile) throws IOException {
        Volumes volumes = new Volumes(new VolumeFolder(folder.resolve("volumes"), (file, sizeBytes, known) -> fragile));
        volumes.open(A, Stack.SIZE);
        return new Stack(journal, volumes, Sequence.NONE, () -> {});
    }

    private Fragile fragile() throws IOException {
        return new Fragile(FileVolume.open(folder.resolve("fragile.raw"), Stack.SIZE));
    }

    private Sequence change(Entry.Data data) {
        model.apply(data);
        return journal.append(data);
    }

    private Sequence held() {
        return journal.journal.holds().stream()
                .map(Hold::upTo)
                .max(Sequence::compareTo)
                .orElseThrow();
    }

    /** A volume whose file system fails when the test says so. */
    private static final class Fragile implements Volume {

        private final Volume below;
        private BooleanSupplier full = () -> false;
        private String forceFails = "";

        Fragile(Volume below) {
            this.below = below;
        }

        @Override
        public long sizeBytes() {
            return below.sizeBytes();
        }

        @Override
        public void growTo(long sizeBytes) throws IOException {
            below.growTo(sizeBytes);
        }

        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            below.read(offset, into);
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {
            failIfFull();
            below.write(offset, from);
        }

        @Override
        public void zero(Extent extent, boolean keepAllocated) throws IOException {
            failIfFull();
            below.zero(extent, keepAllocated);
        }

        @Override
        public void force() throws IOException {
            if (!forceFails.isEmpty()) {
                throw new IOException(forceFails);
            }
            below.force();
        }

        @Override
        public void allocation(Extent extent, java.util.function.BiConsumer<Extent, Boolean> visitor)
                throws IOException {
            below.allocation(extent, visitor);
        }

        @Override
        public long allocatedBytes() throws IOException {
            return below.allocatedBytes();
        }

        @Override
        public void close() throws IOException {
            below.close();
        }

        private void failIfFull() throws FullException {
            if (full.getAsBoolean()) {
                throw new FullException("fallocate: errno 28");
            }
        }
    }
}
