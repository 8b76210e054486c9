package io.tidemark.nbd.client;

import io.netty.buffer.ByteBuf;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.StatusCompletion.Allocation;
import io.tidemark.nbd.StatusCompletion.Run;
import io.tidemark.nbd.protocol.Constants;
import io.tidemark.nbd.protocol.ProtocolViolation;
import io.tidemark.nbd.protocol.Request;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A request that has no answer yet, and what has come of its answer. Thread: the connection's event loop. */
abstract sealed class Call {
    private final Request request;
    private Optional<Result> failure = Optional.empty();

    private Call(Request request) {
        this.request = request;
    }

    Request request() {
        return request;
    }

    /** Notes an error; the first one of several is told. */
    void fail(int error) {
        if (failure.isEmpty()) {
            failure = Optional.of(new Result.Failed(error));
        }
    }

    /** What an answer that is complete amounts to. */
    Result result() {
        return failure.orElseGet(this::complete);
    }

    /** Tells a result that no answer brought. */
    void abandoned(Result.Unknown unknown) {
        tell(unknown);
    }

    /** What an answer without an error amounts to. */
    abstract Result complete();

    abstract void tell(Result result);

    /** A request whose answer says no more than that it is done. */
    static final class Change extends Call {
        private final Result.Listener listener;

        Change(Request request, Result.Listener listener) {
            super(request);
            this.listener = listener;
        }

        @Override
        Result complete() {
            return Result.DONE;
        }

        @Override
        void tell(Result result) {
            listener.onResult(result);
        }
    }

    /** A read; bytes may come in any order, each once. */
    static final class Read extends Call {
        private final ByteBuffer into;
        private final int start;
        private final Result.Listener listener;
        private long filled;

        Read(Request request, ByteBuffer into, Result.Listener listener) {
            super(request);
            this.into = into;
            this.start = into.position();
            this.listener = listener;
        }

        /** Takes bytes that belong at an offset of the export. */
        void fill(long offset, ByteBuf from, int bytes) {
            ByteBuffer target = place(offset, bytes);
            from.readBytes(target);
            filled += bytes;
        }

        /** Takes zeroes that belong at an offset of the export. */
        void hole(long offset, long bytes) {
            ByteBuffer target = place(offset, bytes);
            while (target.remaining() >= Long.BYTES) {
                target.putLong(0);
            }
            while (target.hasRemaining()) {
                target.put((byte) 0);
            }
            filled += bytes;
        }

        /** Checks that so many bytes from an offset were asked for. */
        void check(long offset, long bytes) {
            long from = offset - request().offset();
            if (from < 0 || bytes < 0 || from > request().length() - bytes) {
                throw new ProtocolViolation("read of " + request().length() + " at "
                        + request().offset() + " answered with " + bytes + " at " + offset);
            }
        }

        private ByteBuffer place(long offset, long bytes) {
            check(offset, bytes);
            int at = start + (int) (offset - request().offset());
            return into.slice(at, (int) bytes);
        }

        @Override
        Result complete() {
            if (filled != request().length()) {
                throw new ProtocolViolation("read of " + request().length() + " answered with " + filled + " bytes");
            }
            into.position(start);
            return Result.DONE;
        }

        @Override
        void tell(Result result) {
            listener.onResult(result);
        }
    }

    /** A question about allocation. */
    static final class Status extends Call {
        private final RemoteExport.StatusListener listener;
        private final List<Run> runs = new ArrayList<>();

        Status(Request request, RemoteExport.StatusListener listener) {
            super(request);
            this.listener = listener;
        }

        /** Takes the runs of a chunk, behind the number of its context. */
        void describe(ByteBuf chunk) {
            chunk.skipBytes(Integer.BYTES);
            while (chunk.isReadable(2 * Integer.BYTES)) {
                long bytes = chunk.readUnsignedInt();
                int state = chunk.readInt();
                if (bytes == 0) {
                    throw new ProtocolViolation("an empty run in a block status");
                }
                runs.add(new Run(new Length(bytes), allocation(state)));
            }
        }

        private static Allocation allocation(int state) {
            if ((state & Constants.STATE_ZERO) == 0) {
                return Allocation.DATA;
            }
            return (state & Constants.STATE_HOLE) == 0 ? Allocation.ZERO : Allocation.HOLE;
        }

        @Override
        Result complete() {
            if (runs.isEmpty()) {
                throw new ProtocolViolation("a block status without a run");
            }
            return Result.DONE;
        }

        @Override
        void tell(Result result) {
            if (result instanceof Result.Done) {
                listener.onRuns(List.copyOf(runs));
            } else {
                listener.onFailure(result);
            }
        }
    }
}
