package io.tidemark.intake;

import io.netty.channel.EventLoop;
import io.tidemark.journal.TimedOwner;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An event loop as the owner of a journal: appends run inline with the requests it receives. */
public record LoopOwner(EventLoop loop) implements TimedOwner {

    @Override
    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void after(Duration delay, Runnable task) {
        var unused = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
}
