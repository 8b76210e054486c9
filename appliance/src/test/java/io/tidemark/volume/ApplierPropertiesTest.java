package io.tidemark.volume;

import static io.tidemark.journal.Entries.change;
import static io.tidemark.journal.Entries.flush;
import static io.tidemark.journal.Entries.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.hand.HandJournal;
import io.tidemark.hand.HandThread;
import io.tidemark.journal.DiskModel;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Extent;
import io.tidemark.journal.Resolved;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any history of changes, applied with a death of the process or the machine at any step, ends in the same bytes. */
class ApplierPropertiesTest {

    private static final long SEED = 20260701;
    private static final int LIVES = 60;
    private static final List<StreamId> STREAMS = List.of(stream(0), stream(1));

    private static final byte[] ZEROES = new byte[Stack.SIZE];

    @TempDir
    Path folder;

    private final Random random = new Random(SEED);
    private final List<DiskModel> now = new ArrayList<>();
    private final List<List<byte[]>> at = new ArrayList<>();
    private final List<byte[]> forced = new ArrayList<>();
    private HandJournal journal;
    private Sequence furthest = Sequence.NONE; // a volume may be ahead of what was saved, up to here

    @BeforeEach
    void open() {
        journal = HandJournal.open(folder.resolve("journal"), new HandThread(), 1);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void applyingAgainAfterAnyDeathEndsInTheSameBytes() throws IOException {
        STREAMS.forEach(stream -> now.add(new DiskModel(Stack.SIZE)));
        at.add(snapshot());
        at.add(snapshot()); // the opening is record 1
        STREAMS.forEach(stream -> forced.add(new byte[Stack.SIZE]));
        Sequence saved = Sequence.NONE;

        for (int life = 0; life < LIVES; life++) {
            saved = live(saved, "seed " + SEED + ", life " + life);
        }

        // Then: enough has happened for this to mean something
        assertThat(saved.number()).isGreaterThan(LIVES);
    }

    /** One life that ends at any step; returns what it had saved. */
    private Sequence live(Sequence from, String which) throws IOException {
        Volumes volumes = new Volumes(folder.resolve("volumes"));
        for (StreamId stream : STREAMS) {
            volumes.open(stream, Stack.SIZE);
        }
        Stack stack = new Stack(journal, volumes, from, this::rememberForced);
        stack.applier.raise(journal.journal.durable());
        for (int steps = random.nextInt(60); steps > 0; steps--) {
            step(stack);
            check(stack, which);
        }
        assertThat(stack.faults).as(which).isEmpty();
        volumes.close();
        if (random.nextBoolean()) {
            losePower();
        }
        return stack.saved;
    }

    private void step(Stack stack) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                int disk = random.nextInt(STREAMS.size());
                Entry.Data change = change(random, STREAMS.get(disk), Stack.SIZE);
                now.get(disk).apply(change);
                append(change);
            }
            case 3 -> append(flush(STREAMS.get(random.nextInt(STREAMS.size()))));
            case 4 -> {
                journal.force();
                stack.applier.raise(journal.journal.durable());
            }
            case 5 -> stack.thread.pass(Stack.SMALL.forceInterval());
            default -> stack.thread.step();
        }
    }

    private void check(Stack stack, String which) throws IOException {
        furthest = Sequence.later(furthest, stack.applier.written());
        for (int disk = 0; disk < STREAMS.size(); disk++) {
            StreamId stream = STREAMS.get(disk);
            byte[] expected = now.get(disk).bytes();
            assertThat(stack.disk(stream)).as(which + ": disk " + stream).isEqualTo(expected);
            checkAllocation(stack, stream, expected, which);
            if (stack.saved.equals(stack.applier.written()) && !furthest.isAfter(stack.saved)) {
                assertThat(stack.volume(stream))
                        .as(which + ": volume at " + stack.saved)
                        .isEqualTo(at.get((int) stack.saved.number()).get(disk));
            }
        }
    }

    /** Whatever is told to be a hole reads as zeroes, and the answer covers the disk. */
    private void checkAllocation(Stack stack, StreamId stream, byte[] expected, String which) throws IOException {
        long[] end = {0};
        try (Resolved resolved =
                journal.journal.latest().resolve(stream, new Extent(0, Stack.SIZE), stack.applier.applied())) {
            DiskReader.allocation(resolved, stack.volumes.find(stream).orElseThrow(), (extent, data) -> {
                assertThat(extent.offset()).as(which).isEqualTo(end[0]);
                end[0] = extent.end();
                boolean zeroes = Arrays.equals(
                        expected, (int) extent.offset(), (int) extent.end(), ZEROES, 0, (int) extent.length());
                assertThat(data || zeroes).as(which + ": hole " + extent).isTrue();
            });
        }
        assertThat(end[0]).as(which).isEqualTo(Stack.SIZE);
    }

    private void append(Entry entry) {
        journal.append(entry);
        at.add(snapshot());
    }

    private List<byte[]> snapshot() {
        return now.stream().map(model -> model.bytes().clone()).toList();
    }

    private void rememberForced() {
        forced.clear();
        STREAMS.forEach(stream -> forced.add(contentOf(stream)));
    }

    /** Of what was written since the last force, each block is there or is not. */
    private void losePower() throws IOException {
        for (int disk = 0; disk < STREAMS.size(); disk++) {
            byte[] durable = forced.get(disk);
            try (FileChannel file = FileChannel.open(fileOf(STREAMS.get(disk)), StandardOpenOption.WRITE)) {
                for (int block = 0; block < Stack.SIZE; block += 512) {
                    if (random.nextBoolean()) {
                        file.write(ByteBuffer.wrap(durable, block, 512), block);
                    }
                }
            }
        }
        rememberForced(); // what is there now is on the disk
    }

    private byte[] contentOf(StreamId stream) {
        try {
            return Files.readAllBytes(fileOf(stream));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path fileOf(StreamId stream) {
        return folder.resolve("volumes").resolve(stream + ".raw");
    }
}
