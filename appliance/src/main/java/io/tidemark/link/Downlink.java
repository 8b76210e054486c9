package io.tidemark.link;

import io.tidemark.term.Claim;
import java.util.BitSet;
import java.util.List;

/** A session, seen by the side that receives. Any thread; once the session is over nothing has an effect. */
public interface Downlink {

    Introduction introduction();

    /** Answers a sender with what is here and what can be taken, once. The link bounds memory by that credit. */
    void welcome(Resume resume, Credit credit);

    /**
     * Tells the sender how far the receiver has come. The leases of what it names as received are closed before. What
     * was not sent yet is replaced, so it may be called as often as there is news.
     */
    void acknowledge(Ack ack);

    /** Tells the sender of terms, behind the answer to it; what was told before stays told. */
    void tell(List<Claim> claims);

    /** Answers a question of the sender: with a bit for each block that is the same. Each once, in any order. */
    void answer(long question, BitSet equal);

    /** Ends the session and tells the sender why. */
    void refuse(ErrorCode code, String message);

    /** Ends the session in good order: what was acknowledged is durable as far as the acknowledgements said. */
    void close();
}
