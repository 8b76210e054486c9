package io.tidemark.failover;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.PumpedOwner;
import io.tidemark.link.Admission;
import io.tidemark.link.DownlinkListener;
import io.tidemark.link.Ending;
import io.tidemark.link.RecordingReceiver;
import io.tidemark.stage.RecordedDownlink;
import io.tidemark.term.Claim;
import java.util.List;
import java.util.UUID;

/** A session that site {@code here} has dialled. */
final class Visit {

    static final String PEER = "here";

    private final RecordedDownlink downlink = new RecordedDownlink(new JournalId(new UUID(3, 4)));
    private final DownlinkListener listener;

    Visit(Roles roles) {
        Admission admission = roles.over(
                        introduction -> new Admission.Accept(new PumpedOwner(), new RecordingReceiver()))
                .admit(downlink.introduction());
        listener = ((Admission.Accept) admission).listener();
        listener.onOpened(downlink);
    }

    void hears(Claim claim) {
        listener.onClaim(claim);
    }

    /** What was told of these kinds, in order. */
    List<Claim> told(Claim.Kind... kinds) {
        return downlink.claims.stream()
                .filter(claim -> List.of(kinds).contains(claim.kind()))
                .toList();
    }

    void end() {
        listener.onEnded(new Ending.Closed());
    }
}
