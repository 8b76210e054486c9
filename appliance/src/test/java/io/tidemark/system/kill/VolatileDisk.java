package io.tidemark.system.kill;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import io.tidemark.nbd.ram.RamExport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * A disk with a cache that forgets: when the power is cut, what was not flushed is lost or kept, sector by sector. From then on
 * every request fails, until it has power again.
 */
final class VolatileDisk implements Export {

    private final ExportInfo info;
    private final CachedSectors sectors;
    private boolean powered = true;

    VolatileDisk(String name, int bytes) {
        info = RamExport.info(name, bytes);
        sectors = new CachedSectors(bytes);
    }

    /** What was not flushed is as luck has it. */
    synchronized void cutPower(Random random) {
        powered = false;
        sectors.lose(random);
    }

    synchronized void restorePower() {
        powered = true;
    }

    @Override
    public ExportInfo info() {
        return info;
    }

    @Override
    public Opening open(Client client) {
        return new Opened(new Connection());
    }

    private synchronized void run(Runnable request, Completion completion) {
        if (!powered) {
            completion.complete(new Outcome.Failed(NbdError.IO));
            return;
        }
        request.run();
        completion.complete(Outcome.DONE);
    }

    private final class Connection implements Session {

        @Override
        public void read(Offset offset, ByteBuffer into, Completion completion) {
            run(() -> sectors.read(offset.bytes(), into), completion);
        }

        @Override
        public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
            run(() -> write(piece.offset().bytes(), payload.bytes(), piece.durability()), completion);
            payload.release();
        }

        @Override
        public void writeZeroes(Zeroing zeroing, Completion completion) {
            run(() -> zero(zeroing.extent(), zeroing.durability()), completion);
        }

        /** Nothing is given up: a trim promises nothing, on a disk that forgets least of all. */
        @Override
        public void trim(Extent extent, Durability durability, Completion completion) {
            run(() -> {}, completion);
        }

        @Override
        public void flush(Completion completion) {
            run(sectors::flush, completion);
        }

        @Override
        public void cache(Extent extent, Completion completion) {
            run(() -> {}, completion);
        }

        @Override
        public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
            completion.complete(new StatusCompletion.Described(List.of(
                    new StatusCompletion.Run(new Length(extent.length().bytes()), StatusCompletion.Allocation.DATA))));
        }

        @Override
        public void close(Ending ending) {}

        private void write(long offset, ByteBuffer bytes, Durability durability) {
            sectors.write(offset, bytes);
            if (durability == Durability.DURABLE) {
                sectors.flush();
            }
        }

        private void zero(Extent extent, Durability durability) {
            write(
                    extent.start().bytes(),
                    ByteBuffer.allocate((int) extent.length().bytes()),
                    durability);
        }
    }
}
