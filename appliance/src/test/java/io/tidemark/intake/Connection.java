package io.tidemark.intake;

import io.tidemark.journal.Entries;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Durability;
import io.tidemark.nbd.Ending;
import io.tidemark.nbd.Extent;
import io.tidemark.nbd.Length;
import io.tidemark.nbd.NbdError;
import io.tidemark.nbd.Offset;
import io.tidemark.nbd.Outcome;
import io.tidemark.nbd.Payload;
import io.tidemark.nbd.Session;
import io.tidemark.nbd.WritePiece;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A client's connection to a disk, and how its requests stand. */
final class Connection {

    /** A request, and its answer. */
    static final class Request implements Completion, Payload {

        private final ByteBuffer bytes;
        private String answer = "";
        private int answers;
        private int releases;

        private Request(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        /** Empty while there is none, {@code done}, or the error. */
        String answer() {
            if (answers > 1 || releases > 1) {
                throw new AssertionError(answers + " answers, " + releases + " releases");
            }
            return answer;
        }

        /** Whether the memory of the payload was given back. */
        boolean released() {
            return releases == 1;
        }

        @Override
        public void complete(Outcome outcome) {
            answers++;
            answer = switch (outcome) {
                case Outcome.Done done -> "done";
                case Outcome.Failed failed -> failed.error().name();
            };
        }

        @Override
        public ByteBuffer bytes() {
            return bytes.asReadOnlyBuffer();
        }

        @Override
        public void release() {
            releases++;
        }
    }

    private final Session session;

    Connection(Session session) {
        this.session = session;
    }

    Session session() {
        return session;
    }

    /** Writes a block. */
    Request write(int block) {
        return write(block, Durability.ORDERED);
    }

    Request write(int block, Durability durability) {
        Request request = new Request(Entries.bytes(512, block));
        session.takeWrite(new WritePiece(new Offset(block * 512L), true, durability), request, request);
        return request;
    }

    Request trim(int block) {
        return ask(request ->
                session.trim(new Extent(new Offset(block * 512L), new Length(512)), Durability.ORDERED, request));
    }

    Request flush() {
        return ask(session::flush);
    }

    /** The server has refused a change of this client before it came here. */
    Request refused(NbdError error) {
        return ask(request -> session.refused(error, request));
    }

    Request read(int block, ByteBuffer into) {
        return ask(request -> session.read(new Offset(block * 512L), into, request));
    }

    void end(Ending how) {
        session.close(how);
    }

    private static Request ask(Consumer<Request> question) {
        Request request = new Request(ByteBuffer.allocate(0));
        question.accept(request);
        return request;
    }
}
