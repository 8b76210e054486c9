package io.tidemark.stage;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Batch;
import io.tidemark.journal.Cursor;
import io.tidemark.journal.DiskModel;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Epoch;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.Range;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.VmId;
import io.tidemark.journal.log.JournalIdentity;
import io.tidemark.journal.log.JournalSettings;
import io.tidemark.journal.log.JournalThreads;
import io.tidemark.journal.log.SegmentedJournal;
import io.tidemark.vm.AckPolicy;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.Definition;
import io.tidemark.vm.Disk;
import io.tidemark.vm.Name;
import io.tidemark.vm.Vm;
import io.tidemark.vm.VmDocument;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A source's journal on disk, and what its disks held at each sequence. The test's thread owns it. */
public final class SourceStage implements AutoCloseable {

    public static final JournalId JOURNAL = new JournalId(new UUID(7, 8));
    public static final int DISK_BYTES = 64 << 10;

    /** Small segments, so that a test rolls and trims. */
    public static final JournalSettings SMALL =
            new JournalSettings(1 << 20, 1, 256 << 20, 0, 1 << 14, Duration.ofMillis(50));

    private final StagedOwner owner;
    private final ScheduledExecutorService forcer = Executors.newSingleThreadScheduledExecutor();
    private final ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor();
    private final TreeMap<Sequence, Entry> history = new TreeMap<>();
    private final StagedSegments segments = new StagedSegments();
    private SegmentedJournal journal;
    private long lives;

    public SourceStage(StagedOwner owner, Path folder) throws Exception {
        this.owner = owner;
        this.journal = open(folder);
    }

    public SegmentedJournal journal() {
        return journal;
    }

    /** The disk under the journal. */
    public StagedSegments segments() {
        return segments;
    }

    /** Ends this life cleanly and goes on with what is in the folder. */
    public void reopen(Path folder) throws Exception {
        journal.close(true);
        journal = open(folder);
    }

    /** A VM whose disks begin in sync, or empty, as their mode has it. */
    public static Vm vm(int number, AttachMode mode, int disks) {
        List<Disk> all = new ArrayList<>();
        for (int i = 0; i < disks; i++) {
            StreamId stream = new StreamId(new UUID(number, i + 1));
            all.add(new Disk(stream, new Name("disk" + i), DISK_BYTES, mode, AckPolicy.DURABLE));
        }
        return new Vm(new VmId(new UUID(100, number)), new Name("vm" + number), all, Definition.NONE);
    }

    /** The VM with a disk that has become larger. */
    public static Vm grown(Vm vm, int disk, long sizeBytes) {
        List<Disk> disks = new ArrayList<>(vm.disks());
        Disk known = disks.get(disk);
        disks.set(disk, new Disk(known.id(), known.name(), sizeBytes, known.attachMode(), known.acknowledge()));
        return vm.on(disks);
    }

    /** The VM with one more disk. */
    public static Vm with(Vm vm, Disk added) {
        List<Disk> disks = new ArrayList<>(vm.disks());
        disks.add(added);
        return vm.on(disks);
    }

    /** The VM without one of its disks. */
    public static Vm without(Vm vm, int disk) {
        List<Disk> disks = new ArrayList<>(vm.disks());
        disks.remove(disk);
        return vm.on(disks);
    }

    public Sequence define(Vm vm) {
        return append(new Entry.VmDefined(vm.id(), VmDocument.write(vm)));
    }

    public Sequence write(Vm vm, int disk, long offset, int length, int fill) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        while (bytes.hasRemaining()) {
            bytes.put((byte) (fill + bytes.position() / 512));
        }
        return append(new Entry.Write(stream(vm, disk), Epoch.FIRST, offset, bytes.flip()));
    }

    public Sequence flush(Vm vm, int disk) {
        return append(new Entry.Flush(stream(vm, disk), Epoch.FIRST));
    }

    public Sequence cut() {
        return append(new Entry.Cut());
    }

    /** Appends, waiting for room. */
    public Sequence append(Entry entry) {
        while (true) {
            switch (journal.append(entry)) {
                case AppendOutcome.Appended appended -> {
                    history.put(appended.sequence(), entry);
                    return appended.sequence();
                }
                case AppendOutcome.NotReady notReady -> awaitRoom();
                case AppendOutcome.Full full -> awaitRoom();
            }
        }
    }

    /** What the disk held once everything up to the sequence was done to it. */
    public byte[] diskAt(StreamId stream, Sequence upTo) {
        return diskAt(stream, upTo, DISK_BYTES);
    }

    /** What the disk, which had this size by then, held once everything up to the sequence was done to it. */
    public byte[] diskAt(StreamId stream, Sequence upTo, long sizeBytes) {
        DiskModel model = new DiskModel((int) sizeBytes);
        for (Map.Entry<Sequence, Entry> each : history.headMap(upTo, true).entrySet()) {
            if (each.getValue() instanceof Entry.Data data && data.stream().equals(stream)) {
                model.apply(data);
            }
        }
        return model.bytes();
    }

    /** The ranges behind a sequence, in order, as they would be shipped. */
    public List<Range> ranges(Sequence after, int bytesMax) {
        durable();
        List<Range> ranges = new ArrayList<>();
        try (Cursor cursor = journal.cursor(after)) {
            for (Optional<Batch> next = cursor.next(bytesMax); next.isPresent(); next = cursor.next(bytesMax)) {
                Batch batch = next.get();
                ByteBuffer body = ByteBuffer.allocateDirect(batch.bytes());
                batch.images().forEach(image -> body.put(image.duplicate()));
                ranges.add(
                        new Range(batch.first(), batch.last(), batch.records().size(), body.flip()));
                batch.lease().close();
            }
        }
        return ranges;
    }

    /** Waits until everything appended is durable. */
    public void durable() {
        owner.until(() -> journal.durable().equals(journal.appended()));
    }

    @Override
    public void close() {
        journal.close(true);
        forcer.shutdownNow();
        keeper.shutdownNow();
    }

    private SegmentedJournal open(Path folder) throws Exception {
        return SegmentedJournal.open(
                folder,
                new JournalIdentity(
                        JOURNAL, JournalIdentity.Kind.SOURCE, new Incarnation(500 + ++lives), new UUID(3, 4)),
                SMALL,
                new JournalThreads(owner, forcer, keeper),
                segments,
                InstantSource.system());
    }

    private void awaitRoom() {
        boolean[] room = {false};
        journal.whenRoom(() -> room[0] = true);
        owner.until(() -> room[0]);
    }

    private static StreamId stream(Vm vm, int disk) {
        return vm.disks().get(disk).id();
    }
}
