package io.tidemark.nbd.ram;

import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import java.nio.ByteBuffer;

/** Completes every call before it returns. */
final class RamSession implements Session {
    private final RamPages pages;

    RamSession(RamPages pages) {
        this.pages = pages;
    }

    @Override
    public void read(Offset offset, ByteBuffer into, Completion completion) {
        pages.read(offset.bytes(), into);
        completion.complete(Outcome.DONE);
    }

    @Override
    public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
        pages.write(piece.offset().bytes(), payload.bytes());
        payload.release();
        completion.complete(Outcome.DONE);
    }

    @Override
    public void writeZeroes(Zeroing zeroing, Completion completion) {
        switch (zeroing.space()) {
            case MAY_BE_FREED -> pages.free(zeroing.extent());
            case STAYS_ALLOCATED -> pages.clear(zeroing.extent());
        }
        completion.complete(Outcome.DONE);
    }

    @Override
    public void trim(Extent extent, Durability durability, Completion completion) {
        pages.free(extent);
        completion.complete(Outcome.DONE);
    }

    @Override
    public void flush(Completion completion) {
        completion.complete(Outcome.DONE);
    }

    @Override
    public void cache(Extent extent, Completion completion) {
        completion.complete(Outcome.DONE);
    }

    @Override
    public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
        completion.complete(new StatusCompletion.Described(pages.runs(extent, runsMax)));
    }

    @Override
    public void close(Ending ending) {}
}
