package io.tidemark.target;

import io.tidemark.nbd.BlockSizes;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.client.Destination;
import io.tidemark.nbd.client.RemoteExport;
import io.tidemark.nbd.client.RemoteInfo;
import io.tidemark.nbd.client.RemoteInfo.Feature;
import io.tidemark.nbd.client.Result;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An NBD server whose exports are arrays, which answers when and in what order it is told to. */
final class RamTarget implements TargetDialer {

    /** A request that is not answered yet: whether it has happened is open. */
    private record Pending(RamConnection connection, Runnable effect, Result.Listener listener) {}

    final Map<String, byte[]> exports = new LinkedHashMap<>();
    final Set<Feature> features = EnumSet.allOf(Feature.class);
    final List<RamConnection> connections = new ArrayList<>();
    boolean reachable = true;
    boolean certificatesAreUsable = true;
    int dials;
    int flushes;
    int longestWrite;
    private final Random random;
    private final List<Pending> pending = new ArrayList<>();

    RamTarget(Random random) {
        this.random = random;
    }

    /** Adds an export that holds something else. */
    byte[] export(String name, int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        exports.put(name, content);
        return content;
    }

    @Override
    public CompletionStage<RemoteExport> connect(Destination destination) {
        dials++;
        if (!certificatesAreUsable) {
            throw new IllegalArgumentException("certificates cannot be used");
        }
        byte[] content = exports.get(destination.export().text());
        if (!reachable || content == null) {
            return CompletableFuture.failedFuture(new IOException(destination + ": not there"));
        }
        RamConnection connection = new RamConnection(content);
        connections.add(connection);
        return CompletableFuture.completedFuture(connection);
    }

    boolean isIdle() {
        return pending.isEmpty();
    }

    /** Answers one request, any of them. */
    void answerOne() {
        Pending one = pending.remove(random.nextInt(pending.size()));
        one.effect().run();
        one.listener().onResult(Result.DONE);
    }

    /** Answers everything, and what comes of it for as long as {@code others} has something to do. */
    void answerAll(Runnable others) {
        others.run();
        while (!pending.isEmpty()) {
            answerOne();
            others.run();
        }
    }

    /** Refuses one request with an error. */
    void failOne(int error) {
        pending.removeFirst().listener().onResult(new Result.Failed(error));
    }

    /** All connections end; of what was on its way any part has happened. */
    void breakDown() {
        List<Pending> left = List.copyOf(pending);
        pending.clear();
        left.stream().filter(each -> random.nextBoolean()).forEach(each -> each.effect()
                .run());
        left.forEach(each -> each.listener().onResult(new Result.Unknown("broken")));
        List.copyOf(connections).forEach(connection -> connection.end("broken"));
        connections.clear();
    }

    /** A connection to an export. */
    final class RamConnection implements RemoteExport {
        private final byte[] content;
        private final List<EndListener> listeners = new ArrayList<>();

        private RamConnection(byte[] content) {
            this.content = content;
        }

        @Override
        public RemoteInfo info() {
            return new RemoteInfo(new Length(content.length), BlockSizes.STANDARD, features);
        }

        @Override
        public void read(Offset at, ByteBuffer into, Result.Listener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void write(Offset at, ByteBuffer data, Result.Listener listener) {
            byte[] bytes = new byte[data.remaining()];
            data.duplicate().get(bytes);
            longestWrite = Math.max(longestWrite, bytes.length);
            add(() -> System.arraycopy(bytes, 0, content, (int) at.bytes(), bytes.length), listener);
        }

        @Override
        public void zero(Extent extent, Result.Listener listener) {
            int from = (int) extent.start().bytes();
            add(() -> Arrays.fill(content, from, from + (int) extent.length().bytes(), (byte) 0), listener);
        }

        @Override
        public void trim(Extent extent, Result.Listener listener) {
            throw new AssertionError("what is there after a trim may be anything");
        }

        @Override
        public void flush(Result.Listener listener) {
            boolean alone = pending.stream().noneMatch(each -> each.connection().content == content);
            if (!alone) {
                throw new AssertionError("a flush covers nothing that is not answered");
            }
            add(() -> flushes++, listener);
        }

        @Override
        public void blockStatus(Extent extent, StatusListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void onEnd(EndListener listener) {
            listeners.add(listener);
        }

        @Override
        public void close() {
            pending.removeIf(each -> each.connection() == this && random.nextBoolean()); // never arrived
            end("closed");
        }

        private void add(Runnable effect, Result.Listener listener) {
            pending.add(new Pending(this, effect, listener));
        }

        private void end(String why) {
            connections.remove(this);
            listeners.forEach(listener -> listener.onEnd(why));
            listeners.clear();
        }
    }
}
