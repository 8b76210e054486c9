package io.tidemark.link.sender;

import io.netty.channel.Channel;
import io.tidemark.link.Ending;
import io.tidemark.link.transport.Connection;
import io.tidemark.link.transport.Conversation;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** The channels of one session: all to the address that took the first. The session's owner's. */
final class Calls {

    private final Route route;
    private final IntFunction<Conversation> conversations;
    private final Executor owner;
    private final Consumer<Ending> whenFailed;
    private final List<Channel> channels = new ArrayList<>();
    private int address;
    private boolean over;

    /**
     * @param conversations gives the conversation of the connection with a number
     * @param whenFailed is told, on the owner, when a connection cannot be made
     */
    Calls(Route route, IntFunction<Conversation> conversations, Executor owner, Consumer<Ending> whenFailed) {
        this.route = route;
        this.conversations = conversations;
        this.owner = owner;
        this.whenFailed = whenFailed;
    }

    /** Makes the first connection, to the first address that takes it. */
    void callFirst() {
        call(0, failure -> {
            if (address + 1 < route.addresses().size()) {
                address++;
                callFirst();
            } else {
                fail(failure);
            }
        });
    }

    /** Makes the other connections of a session of so many. */
    void callOthers(int connections) {
        for (int number = 1; number < connections; number++) {
            call(number, this::fail);
        }
    }

    /** Ends all of them, and what is still being made. */
    void end(Ending ending) {
        over = true;
        channels.forEach(channel -> Connection.end(channel, ending));
        route.tls().release();
    }

    private void call(int number, Consumer<Throwable> otherwise) {
        InetSocketAddress to = route.addresses().get(address);
        channels.add(route.connect(
                to,
                conversations.apply(number),
                failure -> owner.execute(() -> {
                    if (!over) {
                        otherwise.accept(failure);
                    }
                })));
    }

    private void fail(Throwable failure) {
        whenFailed.accept(
                new Ending.Lost("no connection to " + route.addresses().get(address) + ": " + failure.getMessage()));
    }
}
