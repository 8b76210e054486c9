package io.tidemark.nbd.transmission;

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

/** An export whose code is broken: whatever it is asked, it throws. */
record ThrowingExport(Export like) implements Export {
    @Override
    public ExportInfo info() {
        return like.info();
    }

    @Override
    public Opening open(Client client) {
        return new Opened(new ThrowingSession());
    }

    private static final class ThrowingSession implements Session {
        @Override
        public void read(Offset offset, ByteBuffer into, Completion completion) {
            throw new IllegalStateException("read");
        }

        @Override
        public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
            throw new IllegalStateException("write");
        }

        @Override
        public void writeZeroes(Zeroing zeroing, Completion completion) {
            throw new IllegalStateException("zeroes");
        }

        @Override
        public void trim(Extent extent, Durability durability, Completion completion) {
            throw new IllegalStateException("trim");
        }

        @Override
        public void flush(Completion completion) {
            throw new IllegalStateException("flush");
        }

        @Override
        public void cache(Extent extent, Completion completion) {
            throw new IllegalStateException("cache");
        }

        @Override
        public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
            throw new IllegalStateException("status");
        }

        @Override
        public void close(Ending ending) {}
    }
}
