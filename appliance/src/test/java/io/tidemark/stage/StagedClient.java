package io.tidemark.stage;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportDirectory;
import io.tidemark.nbd.ExportName;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.WritePiece;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A client of one export, which waits for each answer. */
public final class StagedClient {

    private static final long PATIENCE_SECONDS = 30;

    private final Session session;
    private final AtomicInteger payloads = new AtomicInteger();

    private StagedClient(Session session) {
        this.session = session;
    }

    /** A session of the export of this name; empty if there is none or it refuses. */
    public static Optional<StagedClient> open(ExportDirectory exports, String name) {
        Client client = new Client(new InetSocketAddress(0), new Client.Plaintext());
        if (exports.find(new ExportName(name), client) instanceof ExportDirectory.Found found
                && found.export().open(client) instanceof Export.Opened opened) {
            return Optional.of(new StagedClient(opened.session()));
        }
        return Optional.empty();
    }

    /** Reads; empty if that fails. */
    public Optional<byte[]> read(long offset, int length) {
        ByteBuffer into = ByteBuffer.allocateDirect(length);
        if (!done(completion -> session.read(new Offset(offset), into, completion))) {
            return Optional.empty();
        }
        byte[] bytes = new byte[length];
        into.flip().get(bytes);
        return Optional.of(bytes);
    }

    /** Writes; whether that was done. */
    public boolean write(long offset, byte[] bytes) {
        Payload payload = new Payload() {
            @Override
            public ByteBuffer bytes() {
                return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip().asReadOnlyBuffer();
            }

            @Override
            public void release() {
                payloads.decrementAndGet();
            }
        };
        payloads.incrementAndGet();
        WritePiece piece = new WritePiece(new Offset(offset), true, Durability.ORDERED);
        return done(completion -> session.takeWrite(piece, payload, completion));
    }

    public boolean trim(long offset, long length) {
        Extent extent = new Extent(new Offset(offset), new Length(length));
        return done(completion -> session.trim(extent, Durability.ORDERED, completion));
    }

    public boolean flush() {
        return done(session::flush);
    }

    public void close(Ending ending) {
        session.close(ending);
    }

    /** Payloads of writes that were not given back. */
    public int payloads() {
        return payloads.get();
    }

    private static boolean done(Consumer<Completion> call) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        call.accept(outcome -> {
            if (!answer.complete(outcome)) {
                throw new AssertionError("answered twice");
            }
        });
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join().equals(Outcome.DONE);
    }
}
