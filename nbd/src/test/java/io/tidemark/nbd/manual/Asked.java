package io.tidemark.nbd.manual;

import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import java.nio.ByteBuffer;

/** One call on a session, waiting for the test to complete it. */
public sealed interface Asked {
    record Flush(Completion completion) implements Asked {}

    record Closed(Ending ending) implements Asked {}

    record Read(Offset offset, ByteBuffer into, Completion completion) implements Asked {
        /** Fills the buffer with one value. */
        public void fill(int value) {
            while (into.hasRemaining()) {
                into.put((byte) value);
            }
        }
    }

    record Write(WritePiece piece, Payload payload, Completion completion) implements Asked {
        /** What is to be written. */
        public byte[] bytes() {
            ByteBuffer bytes = payload.bytes();
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        }
    }

    record WriteZeroes(Zeroing zeroing, Completion completion) implements Asked {}

    record Trim(Extent extent, Durability durability, Completion completion) implements Asked {}

    record Cache(Extent extent, Completion completion) implements Asked {}

    record Status(Extent extent, int runsMax, StatusCompletion completion) implements Asked {}
}
