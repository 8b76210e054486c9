package io.tidemark.nbd.transmission;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps clients from filling the log: of what the clients of one listener do wrong, a few lines a minute are worth having,
 * and the number of those left out.
 *
 * <p>Thread: any.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the end of a minute that is not told is no loss
public final class Complaints {
    /** Lines about clients in one minute. */
    static final int LINES_MAX = 20;

    private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);

    private final AtomicInteger made = new AtomicInteger();

    /**
     * Whether there is room for one more line; if not, it is counted.
     *
     * @param clock tells the end of the minute
     */
    public boolean worthALine(EventExecutor clock) {
        int number = made.incrementAndGet();
        if (number == 1) {
            clock.schedule(this::endMinute, 1, TimeUnit.MINUTES);
        }
        return number <= LINES_MAX;
    }

    private void endMinute() {
        int leftOut = made.getAndSet(0) - LINES_MAX;
        if (leftOut > 0) {
            LOG.info("{} more lines about clients were left out in the last minute", leftOut);
        }
    }
}
