package io.tidemark.nbd.transmission;

import io.netty.channel.EventLoop;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call on a session, and the way of its outcome back to the connection's event loop.
 *
 * <p>Thread: completed from any, once; {@code then} runs on the loop, at once if the completing thread is the loop.
 */
final class Call<T> implements Runnable {
    private final EventLoop loop;
    private final Consumer<T> then;
    private final Consumer<Throwable> onFault;
    private final AtomicReference<@Nullable T> outcome = new AtomicReference<>();

    /**
     * A call that has not been answered.
     *
     * @param onFault told what {@code then} throws, which is no business of the export's
     */
    Call(EventLoop loop, Consumer<T> then, Consumer<Throwable> onFault) {
        this.loop = loop;
        this.then = then;
        this.onFault = onFault;
    }

    /** Ends the call. */
    void complete(T value) {
        if (!completeIfOpen(value)) {
            throw new IllegalStateException("a call has been completed twice");
        }
    }

    /** Ends the call unless it has ended. */
    boolean completeIfOpen(T value) {
        if (!outcome.compareAndSet(null, value)) {
            return false;
        }
        if (loop.inEventLoop()) {
            run();
        } else {
            loop.execute(this);
        }
        return true;
    }

    @Override
    public void run() {
        try {
            then.accept(Objects.requireNonNull(outcome.get()));
        } catch (RuntimeException | OutOfMemoryError fault) {
            onFault.accept(fault);
        }
    }
}
