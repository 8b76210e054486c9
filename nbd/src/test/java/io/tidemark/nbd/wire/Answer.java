package io.tidemark.nbd.wire;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a server sends in the transmission phase, as a client sees it.
 *
 * <p>A simple reply to a read is followed by data, which only who sent the request can know.
 */
public sealed interface Answer {
    long cookie();

    record Simple(long cookie, int error) implements Answer {}

    /**
     * A chunk of a reply, with a structured or an extended header.
     *
     * @param requestOffset what an extended header repeats, zero in a structured one
     */
    record Chunk(long cookie, boolean done, int type, long requestOffset, ByteBuffer payload) implements Answer {
        public static final int NONE = 0;
        public static final int OFFSET_DATA = 1;
        public static final int BLOCK_STATUS = 5;
        public static final int BLOCK_STATUS_EXT = 6;
        public static final int ERROR = 0x8001;
        public static final int ERROR_OFFSET = 0x8002;

        /** The number of the error, for the chunks that begin with one. */
        public int error() {
            return payload.getInt(0);
        }

        /** Where the data belong, or where the error is. */
        public long offset() {
            return payload.getLong(type == ERROR_OFFSET ? payload.limit() - Long.BYTES : 0);
        }

        /** The data, for the chunks that have some. */
        public byte[] data() {
            byte[] data = new byte[payload.limit() - Long.BYTES];
            payload.get(Long.BYTES, data);
            return data;
        }
    }

    /** Reads the next answer. */
    static Answer read(DataInputStream in) throws IOException {
        int magic = in.readInt();
        return switch (magic) {
            case 0x67446698 -> {
                int error = in.readInt();
                yield new Simple(in.readLong(), error);
            }
            case 0x668e33ef, 0x6e8a278c -> {
                boolean extended = magic == 0x6e8a278c;
                boolean done = (in.readUnsignedShort() & 1) != 0;
                int type = in.readUnsignedShort();
                long cookie = in.readLong();
                long offset = extended ? in.readLong() : 0;
                byte[] payload = new byte[Math.toIntExact(extended ? in.readLong() : in.readInt())];
                in.readFully(payload);
                yield new Chunk(cookie, done, type, offset, ByteBuffer.wrap(payload));
            }
            default -> throw new IOException("magic of no reply: 0x" + Integer.toHexString(magic));
        };
    }
}
