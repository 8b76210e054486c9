package io.tidemark.nbd.handshake;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** Moves a channel from its event loop to another. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails on a channel closes it, and that is told
final class Relocation {
    private Relocation() {}

    /**
     * Moves the channel, then does something on the new loop, unless the channel is closed by then; if it cannot move, it
     * is closed.
     *
     * <p>The channel must not be set to read. If its client has hung up, Netty reads all the same, from a task that it
     * may post at the end of the present event: on the old loop, whatever the channel's loop is by then. So the move
     * waits until such a task has run, and with it has closed the channel.
     */
    static void move(Channel channel, EventLoop home, Runnable then) {
        EventLoop here = channel.eventLoop();
        here.execute(() -> here.execute(() -> moveNow(channel, home, then)));
    }

    private static void moveNow(Channel channel, EventLoop home, Runnable then) {
        if (!channel.isActive()) {
            return;
        }
        channel.deregister()
                .addListener(left -> home.register(channel).addListener(arrived -> onArrival(channel, arrived, then)));
    }

    /** Told as a task of its own: the channel may have been closed since it arrived. */
    private static void onArrival(Channel channel, Future<?> arrived, Runnable then) {
        if (!arrived.isSuccess()) {
            channel.close();
        } else if (channel.isActive()) {
            then.run();
        }
    }
}
