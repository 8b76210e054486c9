package io.tidemark.nbd.transmission;

import io.tidemark.nbd.Client;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.ExportInfo;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.StatusCompletion;
import io.tidemark.nbd.WritePiece;
import io.tidemark.nbd.Zeroing;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An export that does what another does, at once and in order, but says so at random: some answers come during the
 * call, some late and out of order. Payloads are kept as long, and must not change as long.
 */
final class TardyExport implements Export {
    private final Export prompt;
    private final Random random;
    private final List<Runnable> later = new ArrayList<>();
    private boolean payloadsHeld = true;

    TardyExport(Export prompt, Random random) {
        this.prompt = prompt;
        this.random = random;
    }

    /** Whether it owes an answer. */
    boolean busy() {
        return !later.isEmpty();
    }

    /** Whether all payloads were the same from when they were taken until they were released. */
    boolean payloadsHeld() {
        return payloadsHeld;
    }

    /** Gives some of the answers it owes. */
    void answerSome() {
        int count = Math.min(later.size(), 1 + random.nextInt(3));
        for (int i = 0; i < count; i++) {
            later.remove(random.nextInt(later.size())).run();
        }
    }

    @Override
    public ExportInfo info() {
        return prompt.info();
    }

    @Override
    public Opening open(Client client) {
        return switch (prompt.open(client)) {
            case Opened opened -> new Opened(new TardySession(opened.session()));
            case Refused refused -> refused;
        };
    }

    private void sometime(Runnable action) {
        if (random.nextInt(3) == 0) {
            action.run();
        } else {
            later.add(action);
        }
    }

    private Completion tardy(Completion completion) {
        return outcome -> sometime(() -> completion.complete(outcome));
    }

    private final class TardySession implements Session {
        private final Session session;

        TardySession(Session session) {
            this.session = session;
        }

        @Override
        public void read(Offset offset, ByteBuffer into, Completion completion) {
            session.read(offset, into, tardy(completion));
        }

        @Override
        public void takeWrite(WritePiece piece, Payload payload, Completion completion) {
            session.takeWrite(piece, new KeptPayload(payload), tardy(completion));
        }

        @Override
        public void writeZeroes(Zeroing zeroing, Completion completion) {
            session.writeZeroes(zeroing, tardy(completion));
        }

        @Override
        public void trim(Extent extent, Durability durability, Completion completion) {
            session.trim(extent, durability, tardy(completion));
        }

        @Override
        public void flush(Completion completion) {
            session.flush(tardy(completion));
        }

        @Override
        public void cache(Extent extent, Completion completion) {
            session.cache(extent, tardy(completion));
        }

        @Override
        public void blockStatus(Extent extent, int runsMax, StatusCompletion completion) {
            session.blockStatus(extent, runsMax, completion);
        }

        @Override
        public void refused(NbdError error, Completion told) {
            session.refused(error, tardy(told));
        }

        @Override
        public void close(Ending ending) {
            session.close(ending);
        }
    }

    private final class KeptPayload implements Payload {
        private final Payload payload;
        private final ByteBuffer whenTaken;

        KeptPayload(Payload payload) {
            this.payload = payload;
            this.whenTaken = ByteBuffer.allocate(payload.bytes().remaining())
                    .put(payload.bytes())
                    .flip();
        }

        @Override
        public ByteBuffer bytes() {
            return payload.bytes();
        }

        @Override
        public void release() {
            sometime(() -> {
                payloadsHeld &= whenTaken.equals(payload.bytes());
                payload.release();
            });
        }
    }
}
