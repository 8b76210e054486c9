package io.tidemark.nbd.manual;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** An export whose calls queue up for a test; all its sessions share one queue. */
public final class ManualExport implements Export {
    private static final long PATIENCE_SECONDS = 20;

    private final ExportInfo info;
    private final Supplier<Optional<EventLoop>> home;
    private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

    private ManualExport(ExportInfo info, Supplier<Optional<EventLoop>> home) {
        this.info = info;
        this.home = home;
    }

    public static ManualExport anywhere(ExportInfo info) {
        return new ManualExport(info, Optional::empty);
    }

    public static ManualExport at(EventLoop home, ExportInfo info) {
        return new ManualExport(info, () -> Optional.of(home));
    }

    /** The next call, which must be of this kind; waits for it. */
    public <T extends Asked> T next(Class<T> kind) throws InterruptedException {
        Asked next = asked.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no call came, expected " + kind.getSimpleName());
        }
        if (!kind.isInstance(next)) {
            throw new AssertionError("expected " + kind.getSimpleName() + ", not " + next);
        }
        return kind.cast(next);
    }

    /** How many calls have not been taken by the test. */
    public int waiting() {
        return asked.size();
    }

    @Override
    public ExportInfo info() {
        return info;
    }

    @Override
    public Optional<EventLoop> home() {
        return home.get();
    }

    @Override
    public Opening open(Client client) {
        return new Opened(new ManualSession());
    }

    private final class ManualSession implements Session {
        @Override
        public void read(Offset offset, ByteBuffer into, Completion completion) {
            asked.add(new Asked.Read(offset, into, completion));
        }

        @Override
        public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
            asked.add(new Asked.Write(piece, payload, completion));
        }

        @Override
        public void writeZeroes(Zeroing zeroing, Completion completion) {
            asked.add(new Asked.WriteZeroes(zeroing, completion));
        }

        @Override
        public void trim(Extent extent, Durability durability, Completion completion) {
            asked.add(new Asked.Trim(extent, durability, completion));
        }

        @Override
        public void flush(Completion completion) {
            asked.add(new Asked.Flush(completion));
        }

        @Override
        public void cache(Extent extent, Completion completion) {
            asked.add(new Asked.Cache(extent, completion));
        }

        @Override
        public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
            asked.add(new Asked.Status(extent, runsMax, completion));
        }

        @Override
        public void close(Ending ending) {
            asked.add(new Asked.Closed(ending));
        }
    }
}
