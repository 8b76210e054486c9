package io.tidemark.intake;

import io.tidemark.intake.OperatorRequest.Decision;
import io.tidemark.journal.Extent;
import io.tidemark.journal.StreamId;
import io.tidemark.journal.TimedOwner;
import io.tidemark.vm.AttachMode;
import io.tidemark.vm.IntakeState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lets copies of sources' disks be laid over ours (I7). Any thread; all that happens is the owner's.
 *
 * <p>A copy begins by a record. What the source changes from there on is remembered, and a copy of its disk that is taken later has everything else: so
 * the two together are the source's disk. A gap ends it, since what the source writes without us is in neither.
 */
public final class Mends {

    /** Between tries to append what there was no room for. */
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(250);

    /** Whether a copy can be laid over a disk. */
    public sealed interface Begun {

        record Yes(Mend mend) implements Begun {}

        /** The reason is for people. */
        record Refused(String reason) implements Begun {}
    }

    private final MendOperation.Path path;
    private final Streams streams;
    private final Fencing fencing;
    private final CopyRules rules;
    private final DiskContents contents;
    private final Gate gate;
    private final BooleanSupplier hasRoom;
    private final TimedOwner owner;
    private final Function<Supplier<Decision>, CompletableFuture<Registration>> ask;

    /** @param hasRoom whether the journal has room that no client waits for */
    Mends(
            MendOperation.Path path,
            Streams streams,
            Fencing fencing,
            CopyRules rules,
            DiskContents contents,
            Gate gate,
            BooleanSupplier hasRoom,
            TimedOwner owner,
            Function<Supplier<Decision>, CompletableFuture<Registration>> ask) {
        this.path = path;
        this.streams = streams;
        this.fencing = fencing;
        this.rules = rules;
        this.contents = contents;
        this.gate = gate;
        this.hasRoom = hasRoom;
        this.owner = owner;
        this.ask = ask;
    }

    /** A copy of the disk, taken after its copy begin, is to be laid over it. */
    public CompletableFuture<Begun> begin(StreamId stream) {
        return CompletableFuture.supplyAsync(
                () -> streams.find(stream)
                        .map(this::decide)
                        .orElseGet(() -> new Begun.Refused("the disk is not protected here")),
                owner);
    }

    private Begun decide(Stream stream) {
        AttachMode mode = stream.disk().attachMode();
        if (!mode.hidesGaps() || !mode.keepsOrder()) {
            return new Begun.Refused("a disk in attach mode " + mode.label() + " is not mended this way: "
                    + (mode.hidesGaps()
                            ? "its writes do not come in order, only a new job copies them"
                            : "it has no gaps"));
        }
        if (!(streams.state(stream).intake() instanceof IntakeState.Copying)) {
            return new Begun.Refused("no copy of the disk has begun: begin one, then take a copy of the source's disk");
        }
        if (!stream.hasSource()) {
            return new Begun.Refused(
                    "no source is connected that has written since: what it writes would be in no copy");
        }
        Optional<Touched> touched = stream.touched();
        return touched.flatMap(Touched::lost)
                .or(() -> touched.isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                "it is not known what the source has changed since the copy began: begin it once more"))
                .<Begun>map(Begun.Refused::new)
                .orElseGet(() -> new Begun.Yes(new DiskMend(
                        stream,
                        stream.disk().sizeBytes(),
                        touched.orElseThrow(),
                        streams.state(stream).gaps())));
    }

    private final class DiskMend implements Mend {

        private final Stream stream;
        private final long sizeBytes;
        private final Touched touched;
        private final int gaps;
        private volatile boolean cancelled;

        DiskMend(Stream stream, long sizeBytes, Touched touched, int gaps) {
            this.stream = stream;
            this.sizeBytes = sizeBytes;
            this.touched = touched;
            this.gaps = gaps;
        }

        @Override
        public StreamId stream() {
            return stream.id();
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }

        @Override
        public void read(Extent extent, ByteBuffer into) throws IOException {
            contents.read(stream.id(), extent, into);
        }

        @Override
        public CompletableFuture<Outcome> lay(Extent extent, ByteBuffer bytes) {
            CompletableFuture<Outcome> outcome = new CompletableFuture<>();
            owner.execute(new Submission(extent, bytes, outcome));
            return outcome;
        }

        @Override
        public CompletableFuture<Registration> complete() {
            return ask.apply(() -> ended().<Decision>map(why -> new Decision.Answer(new Registration.Refused(why)))
                    .orElseGet(() -> rules.end(stream, gaps)));
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        private Optional<String> ended() {
            if (cancelled) {
                return Optional.of("it was given up");
            }
            if (streams.find(stream.id()).filter(found -> found == stream).isEmpty()) {
                return Optional.of("the disk is not protected any more");
            }
            if (fencing.isFenced(stream.id())) {
                return Optional.of("the disk takes no changes here any more: another site is the source of its VM");
            }
            if (stream.touched().filter(now -> now == touched).isEmpty()) {
                return Optional.of("the copy that had begun has ended, or a gap came since: begin it once more");
            }
            if (stream.disk().sizeBytes() != sizeBytes) {
                return Optional.of("the disk has grown meanwhile: begin it once more");
            }
            return touched.lost();
        }

        /** Goes on when there is room: by itself while clients wait for some, through the gate then. */
        private final class Submission implements Runnable {

            private final MendOperation operation;

            Submission(Extent extent, ByteBuffer bytes, CompletableFuture<Outcome> outcome) {
                operation = new MendOperation(
                        path, stream, touched, extent, bytes, DiskMend.this::ended, this::later, outcome);
            }

            @Override
            public void run() {
                if (hasRoom.getAsBoolean()
                        || ended().isPresent()
                        || path.journal().fault().isPresent()) {
                    gate.submit(operation);
                } else {
                    later();
                }
            }

            private void later() {
                owner.after(RETRY_INTERVAL, this);
            }
        }
    }
}
