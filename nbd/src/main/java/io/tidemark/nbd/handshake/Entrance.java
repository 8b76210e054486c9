package io.tidemark.nbd.handshake;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.tidemark.nbd.Client;
import io.tidemark.nbd.Export;
import io.tidemark.nbd.Refusal;
import io.tidemark.nbd.memory.Share;
import io.tidemark.nbd.transmission.Admission;
import io.tidemark.nbd.transmission.Agreement;
import io.tidemark.nbd.transmission.ConnectionEvent;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way from a chosen export to an open session: to the export's own thread, with memory to work with. */
final class Entrance {
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

    private final Channel channel;
    private final Terms terms;

    Entrance(Channel channel, Terms terms) {
        this.channel = channel;
        this.terms = terms;
    }

    /** What a client is let in with, or why not. */
    sealed interface Entry {}

    record Admitted(Admission admission) implements Entry {}

    record TurnedAway(Refusal refusal) implements Entry {}

    /**
     * Opens an export, and tells what came of it on the channel's event loop, which for a plaintext connection is by
     * then the export's home. Nothing is told if the channel has been closed.
     */
    void enter(Export export, Agreement agreement, Client client, Consumer<Entry> then) {
        Optional<EventLoop> home = export.home();
        boolean elsewhere = home.isPresent() && home.get() != channel.eventLoop();
        if (elsewhere && client.identity() instanceof Client.Plaintext) {
            Relocation.move(channel, home.get(), () -> then.accept(open(export, agreement, client)));
        } else {
            then.accept(open(export, agreement, client));
        }
    }

    private Entry open(Export export, Agreement agreement, Client client) {
        Optional<Share> share = Share.of(terms.budget(), channel.alloc(), terms.limits(), this::tellMemoryReturned);
        if (share.isEmpty()) {
            if (terms.complaints().worthALine(channel.eventLoop())) {
                LOG.warn(
                        "export {}: no payload memory for one more connection",
                        agreement.info().name());
            }
            return new TurnedAway(new Refusal(Refusal.Reason.POLICY, "no memory for one more connection"));
        }
        Entry entry =
                switch (opening(export, client)) {
                    case Export.Opened opened ->
                        new Admitted(new Admission(
                                agreement,
                                opened.session(),
                                share.get(),
                                terms.turns().of(agreement.info().name()),
                                terms.complaints()));
                    case Export.Refused refused -> new TurnedAway(refused.refusal());
                };
        if (entry instanceof TurnedAway) {
            share.get().close();
        }
        return entry;
    }

    /** Posted in any case: told at once, many waiting connections of one loop would be told from within each other. */
    private void tellMemoryReturned() {
        channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(ConnectionEvent.MEMORY_RETURNED));
    }

    private static Export.Opening opening(Export export, Client client) {
        try {
            return export.open(client);
        } catch (RuntimeException fault) {
            // The export's own code: what it throws means nothing here, but the client must not wait for ever.
            LOG.error(
                    "export {}: a session could not be opened because of a fault",
                    export.info().name(),
                    fault);
            return new Export.Refused(new Refusal(Refusal.Reason.POLICY, "the export cannot be opened"));
        }
    }
}
