package io.tidemark.ship;

import io.tidemark.link.Comparing;
import io.tidemark.vm.Vm;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Sends a journal to where its peer keeps it, for as long as it lives. What the peer does not have durably stays held in the journal. */
public interface JournalSender extends Comparing {

    /** Begins. Any thread. */
    void start();

    /** There may be more to send. Any thread; cheap when it is called often. */
    void wake();

    /** Ends in good order; what was held stays so until {@link #release} or the end of the journal. On its own thread. */
    void close();

    /** Lets go of what was held, since another sender holds it now. Any thread, after {@link #close}. */
    void release();

    /** How it stands. Any thread. */
    ShipStatus status();

    /**
     * Why a VM could not be kept there beside those that are known, for people; nothing if that cannot be said now. Any thread, which is not kept
     * waiting.
     */
    CompletableFuture<Optional<String>> objection(Vm vm, List<Vm> known);
}
