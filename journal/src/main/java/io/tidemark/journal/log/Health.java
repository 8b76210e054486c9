package io.tidemark.journal.log;

import io.tidemark.journal.Fault;
import io.tidemark.journal.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a journal takes anything: the first failure ends that, for good. */
final class Health {

    private static final Logger LOG = LoggerFactory.getLogger(Health.class);

    private final String journal;
    private final Owner owner;
    private final AtomicReference<@Nullable Fault> fault = new AtomicReference<>();
    private final List<Consumer<Fault>> listeners = new ArrayList<>();
    private boolean told; // the owner's, as are the listeners

    /** @param journal which it is, for people */
    Health(String journal, Owner owner) {
        this.journal = journal;
        this.owner = owner;
    }

    /** Any thread. */
    Optional<Fault> fault() {
        return Optional.ofNullable(fault.get());
    }

    /** Throws when there was a failure. Any thread. */
    void require() {
        fault().ifPresent(cause -> {
            throw new Fault(journal + " has failed", cause);
        });
    }

    /** Throws when there was a failure, and the owner was told of it. The owner. */
    void requireUnlessTold() {
        if (told) {
            require();
        }
    }

    /** Tells of the failure, at once if it is known already. The owner. */
    void onFault(Consumer<Fault> listener) {
        if (told) {
            listener.accept(fault().orElseThrow());
        } else {
            listeners.add(listener);
        }
    }

    /**
     * It has failed, if it had not before. Any thread.
     *
     * @param first runs before anybody is told
     */
    void fail(Fault cause, Runnable first) {
        if (fault.compareAndSet(null, cause)) {
            LOG.error("{} takes nothing any more", journal, cause);
            first.run();
            owner.execute(() -> tell(cause));
        }
    }

    private void tell(Fault cause) {
        told = true;
        listeners.forEach(listener -> listener.accept(cause));
    }
}
