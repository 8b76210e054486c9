package io.tidemark.sim;

import io.tidemark.journal.Extent;
import io.tidemark.journal.Sequence;
import io.tidemark.nbd.Completion;
import io.tidemark.nbd.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What the source's replies to one disk promise: looked at in the instant they are given (I1, I6). */
final class Replies {

    /** One time that an operation was asked for: it may be asked for again while the server is still at it. */
    private static final class Sending {

        private final Op op;
        private Sequence record = Sequence.NONE;
        private boolean answered;

        Sending(Op op) {
            this.op = op;
        }
    }

    private final Simulation world;
    private final String name;
    private final List<Sending> atServer = new ArrayList<>();

    /** @param name of the disk, for people */
    Replies(Simulation world, String name) {
        this.world = world;
        this.name = name;
    }

    /**
     * What is to be told when an operation is answered that is asked for now.
     *
     * @param before what a flush that is asked for now covers
     * @param durable whether a reply to a change promises that it survives a power cut; asked now and then
     * @param then is told the outcome, after it was looked at
     */
    Completion expect(Op op, List<Op> before, BooleanSupplier durable, Consumer<Outcome> then) {
        boolean durableNow = durable.getAsBoolean();
        Sending sending = new Sending(op);
        atServer.add(sending);
        return outcome -> {
            Violation.unless(!sending.answered, "I6", () -> op + " was answered twice");
            sending.answered = true;
            atServer.remove(sending);
            if (outcome instanceof Outcome.Done) {
                replied(sending, before, durableNow && durable.getAsBoolean());
            }
            then.accept(outcome);
        };
    }

    /** A record of the disk is in the source's journal. */
    void recorded(Extent extent, Sequence at) {
        atServer.stream()
                .filter(each -> each.op.changes()
                        && each.record.equals(Sequence.NONE)
                        && each.op.offset() == extent.offset()
                        && each.op.bytes() == extent.length())
                .forEach(
                        each -> { // more than one only if the same was asked for again
                            each.record = at;
                            each.op.record = at;
                        });
    }

    /** The source's process is gone: it answers nothing any more. */
    void sourceDied() {
        atServer.clear();
    }

    private void replied(Sending sending, List<Op> before, boolean durable) {
        Op op = sending.op;
        if (world.source().isEmpty()) {
            return;
        }
        Sequence forced = world.source().get().journal().durable();
        if (op.changes()) {
            Violation.unless(
                    sending.record.isAfter(Sequence.NONE), "I1", () -> op + " is acknowledged and in no record");
        }
        boolean covers = op.kind == Op.Kind.FLUSH || op.durable;
        if (covers) {
            world.trace().add(Trace.Word.ACKNOWLEDGE_FLUSH, op.id, () -> name + " " + op + " durable " + forced);
            before.forEach(each -> promise(each, each.record, forced, op));
        }
        if (op.changes() && durable) {
            promise(op, sending.record, forced, op);
        }
    }

    private static void promise(Op op, Sequence record, Sequence forced, Op by) {
        Violation.unless(
                !record.isAfter(forced),
                "I1",
                () -> op + " is record " + record + ", durable is " + forced + ", and " + by + " was acknowledged");
        op.promised = true;
    }
}
