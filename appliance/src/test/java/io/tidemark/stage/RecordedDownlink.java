package io.tidemark.stage;

import io.tidemark.journal.JournalId;
import io.tidemark.journal.Sequence;
import io.tidemark.link.Ack;
import io.tidemark.link.Credit;
import io.tidemark.link.Downlink;
import io.tidemark.link.ErrorCode;
import io.tidemark.link.Introduction;
import io.tidemark.link.Lineage;
import io.tidemark.link.Resume;
import io.tidemark.link.SessionId;
import io.tidemark.link.Site;
import io.tidemark.link.SiteId;
import io.tidemark.link.SiteName;
import io.tidemark.term.Claim;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps what a sender would be told. */
public final class RecordedDownlink implements Downlink {

    public final List<Ack> acks = new ArrayList<>();
    public final List<Claim> claims = new ArrayList<>();
    public final Map<Long, BitSet> answers = new ConcurrentHashMap<>(); // readers answer
    public final List<ErrorCode> refusals = new ArrayList<>();
    public Optional<Resume> resume = Optional.empty();
    private final JournalId journal;

    public RecordedDownlink(JournalId journal) {
        this.journal = journal;
    }

    /** The newest sequence that was acknowledged as durable. */
    public Sequence durable() {
        return acks.isEmpty() ? Sequence.NONE : acks.getLast().durable();
    }

    public Sequence received() {
        return acks.isEmpty() ? Sequence.NONE : acks.getLast().received();
    }

    @Override
    public Introduction introduction() {
        Site here = new Site(new SiteId(new UUID(1, 1)), new SiteName("here"));
        return new Introduction(here, Lineage.whole(journal), new SessionId(1));
    }

    @Override
    public void welcome(Resume what, Credit credit) {
        resume = Optional.of(what);
    }

    @Override
    public void acknowledge(Ack ack) {
        acks.add(ack);
    }

    @Override
    public void tell(List<Claim> claims) {
        this.claims.addAll(claims);
    }

    @Override
    public void answer(long question, BitSet equal) {
        answers.put(question, equal);
    }

    @Override
    public void refuse(ErrorCode code, String message) {
        refusals.add(code);
    }

    @Override
    public void close() {
        // nothing to tell
    }
}
