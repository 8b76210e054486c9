package io.tidemark.nbd.server;

import io.netty.channel.EventLoop;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import io.tidemark.nbd.ram.RamExport;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Notes which threads use an export; it can do no more than flush. */
final class ThreadNoting {
    private final Set<String> threads = ConcurrentHashMap.newKeySet();

    Set<String> threads() {
        return threads;
    }

    Export at(EventLoop home) {
        return new Noting(home);
    }

    private void note() {
        threads.add(Thread.currentThread().getName());
    }

    private final class Noting implements Export {
        private final EventLoop home;

        Noting(EventLoop home) {
            this.home = home;
        }

        @Override
        public ExportInfo info() {
            return RamExport.info("disk", 1 << 20);
        }

        @Override
        public Optional<EventLoop> home() {
            return Optional.of(home);
        }

        @Override
        public Opening open(Client client) {
            note();
            return new Opened(new NotingSession());
        }
    }

    private final class NotingSession implements Session {
        @Override
        public void flush(Completion completion) {
            note();
            completion.complete(Outcome.DONE);
        }

        @Override
        public void close(Ending ending) {
            note();
        }

        @Override
        public void read(Offset offset, ByteBuffer into, Completion completion) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void writeZeroes(Zeroing zeroing, Completion completion) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void trim(Extent extent, Durability durability, Completion completion) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void cache(Extent extent, Completion completion) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
            throw new UnsupportedOperationException();
        }
    }
}
