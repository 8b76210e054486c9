package io.tidemark.journal.log;

import io.tidemark.journal.AppendOutcome;
import io.tidemark.journal.Entries;
import io.tidemark.journal.Entry;
import io.tidemark.journal.Hold;
import io.tidemark.journal.Incarnation;
import io.tidemark.journal.JournalId;
import io.tidemark.journal.PumpedOwner;
import io.tidemark.journal.Sequence;
import io.tidemark.journal.chronicle.ChronicleSegments;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A process that appends until it is killed, with threads of its own as the appliance has them. It prints what it
 * acknowledges, each line after the fact: {@code opened N}, {@code journaled N}, {@code durable N}, {@code released N}.
 */
final class AppendingProcess {

    static final JournalId ID = new JournalId(new UUID(1, 2));
    static final JournalSettings SETTINGS =
            new JournalSettings(1 << 20, 2, 32 << 20, 0, 1 << 14, Duration.ofMillis(10));

    private static final long KEPT = 2000;

    private final PumpedOwner owner = new PumpedOwner();
    private final SegmentedJournal journal;
    private final Hold hold;
    private final Random random;

    private AppendingProcess(Path folder, long seed) throws Exception {
        ScheduledExecutorService forcer = Executors.newSingleThreadScheduledExecutor();
        ScheduledExecutorService keeper = Executors.newSingleThreadScheduledExecutor();
        journal = SegmentedJournal.open(
                folder,
                new JournalIdentity(ID, JournalIdentity.Kind.SOURCE, new Incarnation(seed), new UUID(3, 4)),
                SETTINGS,
                new JournalThreads(owner, forcer, keeper),
                new ChronicleSegments(),
                InstantSource.system());
        hold = journal.hold("test", journal.trimmed());
        random = new Random(seed);
    }

    /** Runs with a folder and a seed. */
    public static void main(String[] arguments) throws Exception {
        new AppendingProcess(Path.of(arguments[0]), Long.parseLong(arguments[1])).run();
    }

    /** The entry that every record but the first of a life holds: it says its own sequence. */
    static Entry entry(Sequence sequence) {
        long number = sequence.number();
        return number % 5 == 0
                ? Entries.flush(Entries.stream(0))
                : Entries.write(
                        Entries.stream((int) (number % 3)), number * 512, 512 * (int) (1 + number % 20), (int) number);
    }

    private void run() {
        PrintStream out = System.out;
        out.println("opened " + journal.appended());
        Sequence next = journal.appended().next().next(); // the record of the opening is before it
        while (true) {
            switch (journal.append(entry(next))) {
                case AppendOutcome.Appended(Sequence appended) -> {
                    out.println("journaled " + appended);
                    acknowledge(out, appended);
                    next = appended.next();
                }
                case AppendOutcome.NotReady notReady -> waitForRoom();
                case AppendOutcome.Full full -> waitForRoom();
            }
        }
    }

    private void waitForRoom() {
        AtomicBoolean room = new AtomicBoolean();
        journal.whenRoom(() -> room.set(true));
        owner.until(room::get);
    }

    private void acknowledge(PrintStream out, Sequence appended) {
        if (random.nextInt(20) == 0) {
            AtomicBoolean durable = new AtomicBoolean();
            journal.whenDurable(appended, () -> durable.set(true));
            owner.until(durable::get);
            out.println("durable " + appended);
        }
        if (random.nextInt(100) == 0 && journal.durable().number() > hold.upTo().number() + KEPT) {
            hold.advance(new Sequence(journal.durable().number() - KEPT / 2));
            out.println("released " + hold.upTo());
        }
        owner.runWaiting();
    }
}
