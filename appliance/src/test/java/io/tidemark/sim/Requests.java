package io.tidemark.sim;

import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import java.nio.ByteBuffer;

/** Operations as a session takes them. */
final class Requests {

    private Requests() {}

    static void perform(Session session, Op op, Completion completion) {
        Offset offset = new Offset(op.offset());
        Durability durability = op.durable ? Durability.DURABLE : Durability.ORDERED;
        switch (op.kind) {
            case WRITE -> session.takeWrite(new WritePiece(offset, true, durability), payload(op), completion);
            case ZERO ->
                session.writeZeroes(
                        new Zeroing(extent(op), Zeroing.Space.MAY_BE_FREED, Zeroing.Speed.ANY, durability), completion);
            case TRIM -> session.trim(extent(op), durability, completion);
            case FLUSH -> session.flush(completion);
        }
    }

    private static Extent extent(Op op) {
        return new Extent(new Offset(op.offset()), new Length(op.bytes()));
    }

    private static Payload payload(Op op) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(op.bytes());
        for (int i = op.block; i < op.block + op.count; i++) {
            op.fill(i, bytes);
        }
        ByteBuffer whole = bytes.flip().asReadOnlyBuffer();
        return new Payload() {
            private boolean released;

            @Override
            public ByteBuffer bytes() {
                return whole.duplicate();
            }

            @Override
            public void release() {
                Violation.unless(!released, "I6", () -> "the payload of " + op + " was given back twice");
                released = true;
            }
        };
    }
}
