package io.tidemark.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** What a disk must hold: the plainest thing that can be right. */
public final class DiskModel {

    private final byte[] bytes;

    public DiskModel(int size) {
        bytes = new byte[size];
    }

    private DiskModel(byte[] bytes) {
        this.bytes = bytes;
    }

    public DiskModel copy() {
        return new DiskModel(bytes.clone());
    }

    public void apply(Entry.Data data) {
        int from = (int) data.extent().offset();
        switch (data) {
            case Entry.Write write ->
                write.payload().duplicate().get(bytes, from, write.payload().remaining());
            case Entry.Zero zero -> Arrays.fill(bytes, from, (int) zero.extent().end(), (byte) 0);
            case Entry.Trim trim -> Arrays.fill(bytes, from, (int) trim.extent().end(), (byte) 0);
        }
    }

    public byte[] bytes() {
        return bytes;
    }

    /** What the disk holds as a view over this model shows it. */
    public byte[] overlaidBy(View view, StreamId stream, Sequence above) {
        byte[] seen = bytes.clone();
        try (Resolved resolved = view.resolve(stream, new Extent(0, bytes.length), above)) {
            for (Piece piece : resolved.pieces()) {
                int from = (int) piece.extent().offset();
                switch (piece) {
                    case Piece.Stored stored -> {
                        ByteBuffer source = stored.bytes().duplicate();
                        source.get(seen, from, source.remaining());
                    }
                    case Piece.Zeroes zeroes ->
                        Arrays.fill(seen, from, (int) zeroes.extent().end(), (byte) 0);
                    case Piece.Below below -> {}
                }
            }
        }
        return seen;
    }
}
