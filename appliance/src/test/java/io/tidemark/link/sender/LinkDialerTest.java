package io.tidemark.link.sender;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.journal.Owner;
import io.tidemark.link.Destination;
import io.tidemark.link.Lineage;
import io.tidemark.link.RecordingSender;
import io.tidemark.link.Security;
import io.tidemark.link.TwoSites;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class LinkDialerTest {

    @Test
    void whoHasStoppedMeanwhileIsNotToldOfARoute() {
        try (TwoSites sites = new TwoSites()) {
            Deque<Runnable> looking = new ArrayDeque<>();
            LinkDialer dialer = new LinkDialer(
                    sites.endpoint(TwoSites.HERE, new Security.PlaintextOnLoopback()), looking::add, new Random(1));
            RecordingSender sender = new RecordingSender();
            List<Destination.HostPort> address = List.of(new Destination.HostPort("127.0.0.1", 1));
            dialer.dial(
                    new Destination(address, TwoSites.THERE, Lineage.whole(TwoSites.JOURNAL), 1), stopped(), sender);

            looking.remove().run(); // an exception would be an error in the log of a clean stop

            assertThat(sender.endings()).isEmpty();
        }
    }

    private static Owner stopped() {
        return new Owner() {
            @Override
            public boolean isCurrent() {
                return true;
            }

            @Override
            public void execute(Runnable task) {
                throw new RejectedExecutionException("stopped");
            }
        };
    }
}
