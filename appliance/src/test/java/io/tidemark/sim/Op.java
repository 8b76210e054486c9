package io.tidemark.sim;

import io.tidemark.journal.Sequence;
import io.tidemark.journal.StreamId;
import java.nio.ByteBuffer;

/** Something a guest, or a copy of its disk, asks of a disk; and what has become of it. */
final class Op {

    static final int BLOCK = 512;

    enum Kind {
        WRITE,
        ZERO,
        TRIM,
        FLUSH
    }

    final long id;
    final StreamId stream;
    final Kind kind;
    final int block;
    final int count;
    final boolean durable;

    /** When the guest asked for it and when it was told that it was done: ticks, 0 while it was not. */
    long issued;

    long done;

    /** The record it has become in this life of the source. */
    Sequence record = Sequence.NONE;

    /** Whether a reply has promised that it survives a power cut. */
    boolean promised;

    Op(long id, StreamId stream, Kind kind, int block, int count, boolean durable) {
        this.id = id;
        this.stream = stream;
        this.kind = kind;
        this.block = block;
        this.count = count;
        this.durable = durable;
    }

    boolean changes() {
        return kind != Kind.FLUSH;
    }

    long offset() {
        return (long) block * BLOCK;
    }

    int bytes() {
        return count * BLOCK;
    }

    boolean touches(int other) {
        return changes() && other >= block && other < block + count;
    }

    /** What it leaves in one of its blocks. */
    void fill(int at, ByteBuffer into) {
        for (int i = 0; i < BLOCK; i += Long.BYTES) {
            into.putLong(word(at, i));
        }
    }

    /** Whether these are the bytes it leaves in one of its blocks. */
    boolean left(int at, byte[] disk) {
        ByteBuffer bytes = ByteBuffer.wrap(disk, at * BLOCK, BLOCK);
        for (int i = 0; i < BLOCK; i += Long.BYTES) {
            if (bytes.getLong() != word(at, i)) {
                return false;
            }
        }
        return true;
    }

    private long word(int at, int byteAt) {
        return kind == Kind.WRITE ? (id << 24) + ((long) at << 12) + byteAt : 0;
    }

    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + " " + id + " "
                + stream.id().getMostSignificantBits() + "/" + stream.id().getLeastSignificantBits() + "[" + block + "+"
                + count + "]" + (durable ? " fua" : "");
    }
}
