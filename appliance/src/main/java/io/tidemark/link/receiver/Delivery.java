package io.tidemark.link.receiver;

import io.tidemark.journal.Owner;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Admission;
import io.tidemark.link.Comparison;
import io.tidemark.link.Downlink;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.IncomingRange;
import io.tidemark.term.Claim;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Brings what happens in a session to its receiver, in order, and nothing after the end.
 *
 * <p>Crosses threads: called on any loop; everything runs on the receiver's owner.
 */
final class Delivery {

    private final Owner owner;
    private final DownlinkListener listener;
    private boolean over; // the owner's

    Delivery(Admission.Accept receiver) {
        this.owner = receiver.owner();
        this.listener = receiver.listener();
    }

    void opened(Downlink downlink) {
        tell(receiver -> receiver.onOpened(downlink));
    }

    void started(Sequence first) {
        tell(receiver -> receiver.onStart(first));
    }

    void takeRange(IncomingRange range) {
        try {
            owner.execute(() -> {
                if (over) {
                    range.lease().close();
                } else {
                    listener.takeRange(range);
                }
            });
        } catch (RejectedExecutionException ownerGone) {
            range.lease().close();
            throw ownerGone;
        }
    }

    void claimed(Claim claim) {
        tell(receiver -> receiver.onClaim(claim));
    }

    void compared(long question, Comparison comparison) {
        tell(receiver -> receiver.onCompare(question, comparison));
    }

    void ended(Ending ending) {
        tell(receiver -> {
            over = true;
            receiver.onEnded(ending);
        });
    }

    private void tell(Consumer<DownlinkListener> event) {
        owner.execute(() -> {
            if (!over) {
                event.accept(listener);
            }
        });
    }
}
